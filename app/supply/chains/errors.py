"""What can stand against a chain itself; what stands against its legs is said by the room of bookings."""

from app.core.errors import Invalid


class ProductMissing(Invalid):
    """A chain says what it carries."""

    code = "product_missing"
