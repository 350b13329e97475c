"""Facts about recognitions, intellectual property, evaluation scores and software."""

from decimal import Decimal

from enterprises.vocabulary.definition import Choice, FactDefinition, choice, count, measure, truth

RECOGNITIONS = (
    Choice("high_tech_enterprise", "高新技术企业", "High and New Technology Enterprise"),
    Choice("technology_sme", "科技型中小企业", "Technology-based SME"),
    Choice("innovative_sme", "创新型中小企业", "Innovative SME"),
    Choice("specialized_sme", "专精特新中小企业", "Specialised and sophisticated SME"),
    Choice("little_giant", "专精特新“小巨人”企业", "Little Giant enterprise"),
    Choice("advanced_manufacturing", "先进制造业企业名单", "List of advanced manufacturers"),
    Choice("integrated_circuit", "集成电路企业清单", "List of integrated circuit companies"),
    Choice("machine_tool", "工业母机企业清单", "List of machine tool companies"),
    Choice("encouraged_software", "国家鼓励的软件企业", "Encouraged software enterprise"),
    Choice("advanced_service", "技术先进型服务企业", "Advanced-technology service enterprise"),
    Choice("incubator_national", "国家级科技企业孵化器", "National technology incubator"),
    Choice("incubator_provincial", "省级科技企业孵化器", "Provincial technology incubator"),
    Choice("science_park_national", "国家级大学科技园", "National university science park"),
    Choice("science_park_provincial", "省级大学科技园", "Provincial university science park"),
    Choice("maker_space_national", "国家备案众创空间", "Nationally registered maker space"),
    Choice("rd_institution_provincial", "省部级以上研发机构", "R&D institution of provincial level or higher"),
)

HUNDRED = Decimal(100)


def _score(name: str, zh: str, en: str) -> FactDefinition:
    return measure(
        "scores",
        name,
        zh,
        en,
        f"{zh}是多少分？",
        f"What is the {en[0].lower()}{en[1:]}?",
        unit="point",
        maximum=HUNDRED,
    )


INNOVATION: tuple[FactDefinition, ...] = (
    choice(
        "innovation",
        "recognitions",
        "有效认定和名单",
        "Valid recognitions",
        "企业持有哪些仍在有效期内的认定或名单？",
        "Which valid recognitions does the company hold?",
        RECOGNITIONS,
        several=True,
    ),
    truth(
        "innovation",
        "in_key_high_tech_field",
        "产品属于国家重点支持的高新技术领域",
        "In a key high-tech field",
        "主要产品（服务）的核心技术是否属于《国家重点支持的高新技术领域》？",
        "Does the core technology of the main product belong to the key high-tech fields of the state?",
    ),
    truth(
        "innovation",
        "owns_core_ip",
        "拥有核心技术知识产权",
        "Owns the core intellectual property",
        "是否拥有对主要产品（服务）起核心支持作用的知识产权的所有权？",
        "Does the company own the intellectual property its main product rests on?",
    ),
    count(
        "innovation",
        "ip_class1_count",
        "Ⅰ类知识产权数量",
        "Class I intellectual property",
        "拥有多少项Ⅰ类知识产权？",
        "How many class I intellectual property rights are held?",
        unit="item",
    ),
    truth(
        "innovation",
        "ip_class1_in_use",
        "Ⅰ类知识产权与主导产品相关且实际应用",
        "Class I rights in use for the main product",
        "上述Ⅰ类知识产权是否与主导产品相关并已实际应用、产生经济效益？",
        "Do these class I rights belong to the main product and are they in use?",
    ),
    truth(
        "innovation",
        "science_award_3y",
        "近三年获国家级或省级科技奖励",
        "Science award in three years",
        "近三年内是否获得国家级、省级科技奖励？",
        "Was a national or provincial science award won in the last three years?",
    ),
    truth(
        "innovation",
        "innovative_sme_honour",
        "有效的创新型中小企业直通荣誉",
        "Valid honour that leads straight to Innovative SME",
        "是否获得国家级技术创新示范企业、知识产权优势企业等荣誉且在有效期内？",
        "Does the company hold a valid honour such as technology innovation demonstration enterprise?",
    ),
    truth(
        "innovation",
        "specialized_sme_direct",
        "满足专精特新直通条件之一",
        "Meets a direct route to specialised SME",
        "是否满足专精特新中小企业认定的直通条件之一？",
        "Does the company meet one of the direct routes to specialised SME?",
    ),
    _score("high_tech_score", "高新技术企业创新能力评价得分", "Innovation score for high-tech enterprises"),
    _score("technology_sme_score", "科技型中小企业综合评价得分", "Overall score for technology SMEs"),
    _score("technology_sme_staff_score", "科技型中小企业科技人员指标得分", "Staff score for technology SMEs"),
    _score("innovative_sme_score", "创新型中小企业评价得分", "Score for innovative SMEs"),
    _score("specialized_sme_score", "专精特新中小企业评价得分", "Score for specialised SMEs"),
    _score("little_giant_score", "小巨人企业评价得分", "Score for Little Giants"),
    truth(
        "software",
        "sells_own_software",
        "销售自行开发的软件产品",
        "Sells software it developed",
        "是否销售自行开发生产的软件产品？",
        "Does the company sell software it developed itself?",
    ),
    truth(
        "software",
        "software_test_report",
        "软件产品检测证明",
        "Software test report",
        "是否取得省级以上软件产业主管部门认可的软件检测机构出具的检测证明？",
        "Is there a test report from a laboratory accepted by the provincial software authority?",
    ),
    truth(
        "software",
        "software_registration",
        "软件产品登记或著作权登记证书",
        "Software or copyright registration",
        "是否取得软件产品登记证书或计算机软件著作权登记证书？",
        "Is there a software or software copyright registration certificate?",
    ),
)
