"""A chart of days as SVG: stacked columns, without a script."""

from decimal import Decimal

WIDTH, HEIGHT, GAP = 720, 180, 2
COLOURS = ("#71639e", "#3b8ea5", "#f49e4c", "#5b8c5a", "#ab3428", "#8a8d91")


def columns(days, series):
    """Places of stacked columns.

    :param days: local days in their order
    :param series: list of (name, {day: Decimal})
    :return: dict of ``bars`` (x, y, width, height, colour, title), ``top`` (largest sum
        of a day), ``legend`` ((name, colour)) and ``days``
    """
    tops = [sum((values.get(day, Decimal(0)) for _n, values in series)) for day in days]
    top = max([*tops, Decimal(0)])
    step = Decimal(WIDTH) / max(len(days), 1)
    bars = []
    for place, day in enumerate(days):
        floor = Decimal(HEIGHT)
        for number, (name, values) in enumerate(series):
            value = values.get(day, Decimal(0))
            if value <= 0 or not top:
                continue
            height = value / top * HEIGHT
            floor -= height
            bars.append(
                {
                    "x": f"{step * place + Decimal(GAP) / 2:.2f}",
                    "y": f"{floor:.2f}",
                    "width": f"{max(step - GAP, Decimal(1)):.2f}",
                    "height": f"{height:.2f}",
                    "colour": COLOURS[number % len(COLOURS)],
                    "day": day,
                    "name": name,
                    "value": value,
                }
            )
    legend = [
        (name, COLOURS[number % len(COLOURS)])
        for number, (name, _values) in enumerate(series)
    ]
    return {"bars": bars, "top": top, "legend": legend, "days": days}
