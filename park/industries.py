"""Short English names of the GB/T 4754-2017 divisions (大类), for readers of the English pages; Chinese comes from enterprises."""

from enterprises import industry_name
from kernel.texts import CHINESE, NOTHING, current_locale

DIVISIONS_EN = {
    "01": "Farming", "02": "Forestry", "03": "Animal husbandry", "04": "Fishery", "05": "Services to agriculture",
    "06": "Coal mining", "07": "Oil and gas extraction", "08": "Ferrous ore mining", "09": "Non-ferrous ore mining",
    "10": "Non-metal mining", "11": "Mining support", "12": "Other mining", "13": "Farm product processing",
    "14": "Food manufacturing", "15": "Beverages and tea", "16": "Tobacco", "17": "Textiles", "18": "Clothing",
    "19": "Leather and footwear", "20": "Wood products", "21": "Furniture", "22": "Paper", "23": "Printing",
    "24": "Culture, sports and arts goods", "25": "Petroleum, coal and fuel processing", "26": "Chemicals",
    "27": "Pharmaceuticals", "28": "Chemical fibres", "29": "Rubber and plastics", "30": "Non-metal mineral products",
    "31": "Ferrous metals", "32": "Non-ferrous metals", "33": "Metal products", "34": "General machinery",
    "35": "Special machinery", "36": "Automobiles", "37": "Rail, ship, aerospace equipment", "38": "Electrical machinery",
    "39": "Computers, communication, electronics", "40": "Instruments and meters", "41": "Other manufacturing",
    "42": "Waste recycling", "43": "Repair of metal goods and machinery", "44": "Power and heat", "45": "Gas supply",
    "46": "Water supply", "47": "Building construction", "48": "Civil engineering", "49": "Building installation",
    "50": "Building finishing", "51": "Wholesale", "52": "Retail", "53": "Rail transport", "54": "Road transport",
    "55": "Water transport", "56": "Air transport", "57": "Pipelines", "58": "Freight forwarding",
    "59": "Handling and storage", "60": "Post and courier", "61": "Accommodation", "62": "Catering",
    "63": "Telecommunications and broadcasting", "64": "Internet services", "65": "Software and IT services",
    "66": "Monetary services", "67": "Capital markets", "68": "Insurance", "69": "Other finance", "70": "Real estate",
    "71": "Leasing", "72": "Business services", "73": "Research and experimental development", "74": "Technical services",
    "75": "Technology promotion", "76": "Water management", "77": "Ecology and environment", "78": "Public facilities",
    "79": "Land management", "80": "Personal services", "81": "Vehicle, electronics and goods repair",
    "82": "Other services", "83": "Education", "84": "Health", "85": "Social work", "86": "Press and publishing",
    "87": "Broadcasting, film and recording", "88": "Culture and arts", "89": "Sports", "90": "Entertainment",
    "91": "Party organs", "92": "State organs", "93": "Political consultative bodies", "94": "Social security",
    "95": "Social organisations", "96": "Self-governing bodies", "97": "International organisations",
}  # fmt: skip


def industry_text(code: str) -> str:
    """Name an industry code of two to four digits in the reader's language; English knows divisions, Chinese all levels."""
    if current_locale() == CHINESE:
        return industry_name(code) or industry_name(code[:2]) or code or NOTHING
    return DIVISIONS_EN.get(code[:2]) or code or NOTHING
