"""A drawn view of the harbour for each story, so that no photograph has to be shipped."""

from __future__ import annotations


def harbour(number: int) -> str:
    """Return an SVG of sky, sea, sun and a boat, in colours and places that `number` chooses."""
    sky, sea = (205, 28, 190, 45, 345, 220)[number % 6], 185 + number * 7 % 40
    sun, boat = 80 + number * 61 % 480, 60 + number * 97 % 440
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">
<rect width="640" height="360" fill="hsl({sky},60%,85%)"/>
<circle cx="{sun}" cy="{90 + number % 60}" r="42" fill="hsl({20 + number % 30},90%,66%)"/>
<rect y="220" width="640" height="140" fill="hsl({sea},45%,38%)"/>
<path d="M{boat} 220h120l-22 34h-76z" fill="#4a3426"/>
<path d="M{boat + 58} 212v-110l52 110z" fill="#fdfaf2"/>
</svg>
"""
