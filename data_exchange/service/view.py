"""Agreements and products as both parties see them, on a page or on the wire."""

from datetime import datetime
from typing import Any
from uuid import UUID

from data_exchange import store
from data_exchange.models import AgreementRow, DeliveryRow, ProductRow
from data_exchange.schemas import AgreementOut, DeliveryOut, ProductOut
from kernel.identity import Organisation


def agreement_view(
    row: AgreementRow, product: ProductRow, owner: Organisation, buyer: Organisation, now: datetime
) -> AgreementOut:
    """Return an agreement with the state that counts now."""
    return AgreementOut(
        id=row.id,
        product_id=row.product_id,
        title_zh=product.title_zh,
        title_en=product.title_en,
        owner_id=row.owner_id,
        owner_name_zh=owner.name_zh,
        owner_name_en=owner.name_en,
        buyer_id=row.buyer_id,
        buyer_name_zh=buyer.name_zh,
        buyer_name_en=buyer.name_en,
        state=store.state_now(row, owner, buyer, now),
        purpose=row.purpose,
        allowed_uses=row.allowed_uses,
        uses_taken=row.uses_taken,
        valid_days=row.valid_days,
        price_fen=row.price_fen,
        terms=row.terms,
        terms_hash=row.terms_hash,
        message=row.message,
        reason=row.reason,
        requested_at=row.requested_at,
        active_at=row.active_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        version=row.version,
    )


def product_view(row: ProductRow, owner: Organisation) -> ProductOut:
    """Return a product with its owner's name."""
    return ProductOut(
        id=row.id,
        owner_id=row.owner_id,
        owner_name_zh=owner.name_zh,
        owner_name_en=owner.name_en,
        title_zh=row.title_zh,
        title_en=row.title_en,
        description_zh=row.description_zh,
        description_en=row.description_en,
        fields=list(row.fields),
        filters=list(row.filters),
        identity=row.identity,
        level=row.level,
        state=row.state,
        created_at=row.created_at,
        version=row.version,
    )


def delivery_view(row: DeliveryRow) -> DeliveryOut:
    """Return a delivery; which companies are in it stays with the owner and the companies."""
    return DeliveryOut(
        id=row.id,
        agreement_id=row.agreement_id,
        number=row.number,
        format=row.format,
        at=row.at,
        row_count=row.row_count,
        byte_count=row.byte_count,
        sha256=row.sha256,
        subject_count=len(row.subject_ids),
        content=content_path(row.id),
    )


def content_path(delivery_id: UUID) -> str:
    """Return the address a delivery's content is fetched from, once."""
    return f"/api/v1/deliveries/{delivery_id}/content"


def line_of(view: Any) -> dict[str, Any]:
    """Return a struct as a plain mapping, for an export."""
    return {name: getattr(view, name) for name in view.__struct_fields__}
