"""What stands beside a rate of customers, from its formula with fifty digits."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

Z = Decimal("1.959963984540054")


def wilson(k: int, n: int) -> tuple[Decimal, Decimal] | tuple[None, None]:
    """Wilson's bounds at 95 % of k of n, to six places; none where there is nobody."""
    if not n:
        return None, None
    with localcontext(prec=50):
        p = Decimal(k) / n
        centre = p + Z**2 / (2 * n)
        reach = Z * (p * (1 - p) / n + Z**2 / (4 * Decimal(n) ** 2)).sqrt()
        low, high = ((centre + side * reach) / (1 + Z**2 / n) for side in (-1, 1))
    return six_places(low), six_places(high)


def six_places(value: Decimal) -> Decimal:
    # half up of what ten digits show: what lies below them is the formula's own noise at 0 and 1
    return round(value, 10).quantize(Decimal("0.000001"), ROUND_HALF_UP)
