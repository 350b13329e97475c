"""The columns of a FOCUS bill: names, kinds and which of them the specification demands.

Source: FinOps Open Cost and Usage Specification, 1.0 to 1.3 (names of columns and allowed values are facts of the
standard). `need` says what a missing column means: "must" is mandatory in FOCUS, "may" is conditional or recommended.
"""

from typing import Literal

from msgspec import Struct

Kind = Literal["text", "amount", "quantity", "moment", "currency", "choice", "tags"]

CHARGE_CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
CHARGE_CLASSES = ("Correction",)
CHARGE_FREQUENCIES = ("One-Time", "Recurring", "Usage-Based")
PRICING_CATEGORIES = ("Standard", "Dynamic", "Committed", "Other")
COMMITMENT_CATEGORIES = ("Spend", "Usage")
COMMITMENT_STATES = ("Used", "Unused")
SERVICE_CATEGORIES = (
    "AI and Machine Learning",
    "Analytics",
    "Business Applications",
    "Compute",
    "Databases",
    "Developer Tools",
    "Identity",
    "Integration",
    "Internet of Things",
    "Management and Governance",
    "Media",
    "Migration",
    "Mobile",
    "Multicloud",
    "Networking",
    "Other",
    "Security",
    "Storage",
    "Web",
)


class Column(Struct, frozen=True):
    """One column of the specification."""

    name: str
    kind: Kind = "text"
    need: Literal["must", "may"] = "may"
    nullable: bool = True
    since: str = "1.0"
    choices: tuple[str, ...] = ()


COLUMNS: tuple[Column, ...] = (
    Column("AvailabilityZone"),
    Column("BilledCost", "amount", "must", nullable=False),
    Column("BillingAccountId", need="must", nullable=False),
    Column("BillingAccountName", need="must"),
    Column("BillingAccountType", since="1.2"),
    Column("BillingCurrency", "currency", "must", nullable=False),
    Column("BillingPeriodEnd", "moment", "must", nullable=False),
    Column("BillingPeriodStart", "moment", "must", nullable=False),
    Column("CapacityReservationId", since="1.1"),
    Column("CapacityReservationStatus", "choice", since="1.1", choices=COMMITMENT_STATES),
    Column("ChargeCategory", "choice", "must", nullable=False, choices=CHARGE_CATEGORIES),
    Column("ChargeClass", "choice", "must", choices=CHARGE_CLASSES),
    Column("ChargeDescription", need="must"),
    Column("ChargeFrequency", "choice", choices=CHARGE_FREQUENCIES, nullable=False),
    Column("ChargePeriodEnd", "moment", "must", nullable=False),
    Column("ChargePeriodStart", "moment", "must", nullable=False),
    Column("CommitmentDiscountCategory", "choice", choices=COMMITMENT_CATEGORIES),
    Column("CommitmentDiscountId"),
    Column("CommitmentDiscountName"),
    Column("CommitmentDiscountQuantity", "quantity", since="1.1"),
    Column("CommitmentDiscountStatus", "choice", choices=COMMITMENT_STATES),
    Column("CommitmentDiscountType"),
    Column("CommitmentDiscountUnit", since="1.1"),
    Column("ConsumedQuantity", "quantity"),
    Column("ConsumedUnit"),
    Column("ContractedCost", "amount", "must", nullable=False),
    Column("ContractedUnitPrice", "quantity"),
    Column("EffectiveCost", "amount", "must", nullable=False),
    Column("HostProviderName", since="1.3"),
    Column("InvoiceId", since="1.2"),
    Column("InvoiceIssuerName", need="must", nullable=False),
    Column("ListCost", "amount", "must", nullable=False),
    Column("ListUnitPrice", "quantity"),
    Column("PricingCategory", "choice", choices=PRICING_CATEGORIES),
    Column("PricingCurrency", "currency", since="1.2"),
    Column("PricingCurrencyContractedUnitPrice", "quantity", since="1.2"),
    Column("PricingCurrencyEffectiveCost", "quantity", since="1.2"),
    Column("PricingCurrencyListUnitPrice", "quantity", since="1.2"),
    Column("PricingQuantity", "quantity", "must"),
    Column("PricingUnit", need="must"),
    Column("ProviderName", need="must", nullable=False),
    Column("PublisherName", need="must", nullable=False),
    Column("RegionId"),
    Column("RegionName"),
    Column("ResourceId"),
    Column("ResourceName"),
    Column("ResourceType"),
    Column("ServiceCategory", "choice", "must", nullable=False, choices=SERVICE_CATEGORIES),
    Column("ServiceName", need="must", nullable=False),
    Column("ServiceProviderName", since="1.3"),
    Column("ServiceSubcategory", since="1.1"),
    Column("SkuId"),
    Column("SkuMeter", since="1.1"),
    Column("SkuPriceDetails", since="1.1"),
    Column("SkuPriceId"),
    Column("SubAccountId"),
    Column("SubAccountName"),
    Column("SubAccountType", since="1.2"),
    Column("Tags", "tags"),
)
BY_NAME = {column.name: column for column in COLUMNS}
# FOCUS 1.3 renamed the provider; earlier names go on being read.
STAND_INS = {"ProviderName": "ServiceProviderName", "PublisherName": "HostProviderName"}
_KEYS = {column.name.casefold(): column.name for column in COLUMNS}


def canonical_name(header: str) -> str | None:
    """Return the specification's name for a header cell ("billed_cost", "Billed Cost" -> "BilledCost"), or None."""
    key = "".join(character for character in header.casefold() if character not in " _-\t")
    return _KEYS.get(key)


def guess_version(names: set[str]) -> str:
    """Return the lowest specification version that knows every column of the file."""
    return max((BY_NAME[name].since for name in names), default="1.0")
