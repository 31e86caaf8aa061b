"""How numbers are written for people. Thousands and units are kept together by narrow no-break spaces."""

from __future__ import annotations

THIN = "\u202f"
MINUS = "\u2212"
DASH = "\u2013"


def value_text(value: float | None, *, signed: bool = False) -> str:
    """A metric's value with four decimals, as its papers print it: `0.1547`; a dash when undefined."""
    if value is None:
        return DASH
    return _with_sign(f"{abs(value):.4f}", value, signed=signed)


def percent_text(value: float | None, *, signed: bool = False) -> str:
    """A share as per cent, with a decimal below ten unless it is whole: `94 %`, `7.5 %`, `5 %`."""
    if value is None:
        return DASH
    percent = abs(value) * 100
    digits = 1 if percent < 9.95 and abs(percent - round(percent)) > 1e-9 else 0
    return _with_sign(f"{grouped(percent, digits)}{THIN}%", value, signed=signed)


def signed_percent(value: float | None) -> str:
    """A relative difference: `+94 %`."""
    return percent_text(value, signed=True)


def signed_value(value: float | None) -> str:
    """An absolute difference: `+0.0692`."""
    return value_text(value, signed=True)


def decimal_text(value: float | None) -> str:
    """A number of things that may be a fraction, with a decimal below ten unless it is whole: `3`, `3.4`, `57`."""
    if value is None:
        return DASH
    digits = 1 if abs(value) < 9.95 and abs(value - round(value)) >= 0.05 else 0
    return _with_sign(grouped(abs(value), digits), value, signed=False)


def integer_text(value: float | None) -> str:
    """A count with its thousands apart: `25 000 095`."""
    return DASH if value is None else _with_sign(grouped(abs(value), 0), value, signed=False)


def count_text(count: int, noun: str) -> str:
    """A count with its noun: `1 user`, `943 users`."""
    return f"{integer_text(count)} {noun}" if count == 1 else f"{integer_text(count)} {noun}s"


def duration_text(seconds: float) -> str:
    """A duration in the units one would say: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f}{THIN}s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if not minutes:
        return f"{whole}{THIN}s"
    hours, minutes_left = divmod(minutes, 60)
    if not hours:
        return f"{minutes}{THIN}min {rest}{THIN}s"
    return f"{hours}{THIN}h {minutes_left}{THIN}min"


def grouped(value: float, digits: int) -> str:
    """Digits in groups of three."""
    return f"{value:,.{digits}f}".replace(",", THIN)


def _with_sign(text: str, value: float, *, signed: bool) -> str:
    negative = value < 0 and any(digit in text for digit in "123456789")
    if negative:
        return f"{MINUS}{text}"
    return f"+{text}" if signed and value > 0 else text
