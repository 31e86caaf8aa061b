// Pictures with an upright axis: histograms, curves over stops, and trends over time.
"use strict";

{
  const { SMALL, colour, bounded, plot, tip, tickLabels, axisTitle, titleHeight } = Drawing;
  const RIGHT = 14;
  const BELOW = 26; // pixels under the frame, without the title
  const DAY = 86_400_000;
  const SHOWN_AS_RULES = 40; // intervals; more of them are a band

  /** The upright axis: its scale, its lines with labels, and the room that these take at the left. */
  function upright(values, format, tall, options) {
    const { domain, ticks } = Words.axis(values, format, Math.max(2, Math.floor(tall / 55)), options);
    return {
      left: Math.ceil(d3.max(ticks, ({ text }) => Words.width(text, SMALL))) + 8,
      y: { type: "linear", domain, axis: null },
      lines: [
        Plot.ruleY(ticks, { y: "at", className: "grid" }),
        Plot.ruleY([0].filter((zero) => zero >= domain[0] && zero <= domain[1]), { className: "zero" }),
        Plot.text(ticks, { y: "at", text: "text", frameAnchor: "left", textAnchor: "end", dx: -7, className: "tick" }),
      ],
    };
  }

  const upTitle = (text, width, up) => Plot.text([Words.fit(text, width, 12)], {
    frameAnchor: "top-left", lineAnchor: "middle", dy: -up, className: "axis-title",
  });

  /** A histogram, with a line across it where one is asked for. */
  Kinds.columns = (data, width) => {
    const tall = 150;
    const last = Math.max(data.rows.length, 1);
    const up = upright(data.rows.map((row) => row.height), "value", tall);
    const rows = data.rows.map((row, i) => ({ ...row, from: i, to: i + 1, x: i + 0.5, y: row.height, lines: [row.text] }));
    const place = d3.scaleLinear([0, last], [up.left, width]);
    const marker = data.marker ? [data.marker] : [];
    const leans = marker.some(({ at }) => at > last / 2) ? "end" : "start";
    const top = marker.length ? 48 : 28;
    const stops = data.stops.map(({ at, label }) => ({ at, text: label }));
    const title = Words.lines(data.x, width);
    const below = BELOW + titleHeight(title);
    return plot(width, top + tall + below, {
      marginLeft: up.left, marginTop: top, marginBottom: below,
      x: { type: "linear", domain: place.domain(), axis: null },
      y: up.y,
      marks: [
        ...up.lines,
        upTitle(data.y, width - up.left, top - 12),
        Plot.rect(rows, { x1: "from", x2: "to", y1: 0, y2: "height", inset: 0.5, insetBottom: 0, fill: "var(--data)" }),
        Plot.ruleX(marker, { x: "at", insetTop: -8, className: "marker" }),
        Plot.text(marker, {
          x: "at", text: "text", frameAnchor: "top", lineAnchor: "middle", dy: -15, textAnchor: leans, className: "tick",
        }),
        ...tickLabels(Words.roomy(stops, place, width), 14),
        axisTitle(title, 25, up.left),
        tip(rows, width, Plot.pointerX),
      ],
    });
  };

  /** All points of all series, each knowing what it belongs to. across: where a point lies from left to right. */
  const flat = (series, across) => series.flatMap((one, z) => one.points.map((point) => ({
    ...point, z, kind: one.kind, x: across(point), y: point.value,
    lines: [one.name, `${point.label}: ${point.text}`],
  })));

  const extents = (points) => points.flatMap((point) => [point.value, point.low, point.high]);

  /** Intervals, lines and points, as far as these have room. */
  const curves = (points, width) => [
    points.length > SHOWN_AS_RULES
      ? Plot.areaY(bounded(points), { x: "x", y1: "low", y2: "high", z: "z", fill: colour, className: "band" })
      : Plot.ruleX(bounded(points), { x: "x", y1: "low", y2: "high", stroke: colour, className: "span" }),
    Plot.line(points, { x: "x", y: "y", z: "z", stroke: colour, className: "curves" }),
    Plot.dot(points.length * 5 < width ? points : [], {
      x: "x", y: "y", r: 4, fill: colour, stroke: "var(--card)", className: "points",
    }),
  ];

  /** Curves over stops, with level lines by name. */
  Kinds.curve = (data, width) => {
    const tall = Math.max(190, Math.min(260, width / 2));
    const points = flat(data.series, (point) => point.at);
    const up = upright([...extents(points), ...data.rules.map((rule) => rule.value)], data.format, tall);
    const place = d3.scaleLinear(d3.extent(data.stops, (stop) => stop.at), [up.left + 12, width - RIGHT]);
    const stops = data.stops.map(({ at, label }) => ({ at, text: label }));
    const title = Words.lines(data.x, width);
    const below = BELOW + titleHeight(title);
    return plot(width, 16 + tall + below, {
      marginLeft: up.left, marginTop: 16, marginBottom: below,
      x: { type: "linear", domain: place.domain(), range: place.range(), axis: null },
      y: up.y,
      marks: [
        ...up.lines,
        Plot.ruleY(data.rules, { y: "value", className: "marker" }),
        ...curves(points, width),
        Plot.text(apart(data.rules, d3.scaleLinear(up.y.domain, [tall, 0])), {
          y: "over", text: (rule) => Words.fit(rule.text, width - up.left, SMALL), frameAnchor: "right",
          className: "rule-name",
        }),
        ...tickLabels(Words.roomy(stops, place, width), 14),
        axisTitle(title, 25, up.left),
        tip(points, width, Plot.pointer),
      ],
    });
  };

  /** Level lines with the place of their names, which stand over them, pushed up until none covers another. */
  function apart(rules, place) {
    let free = Infinity;
    return d3.sort(rules, (rule) => rule.value).map((rule) => {
      const y = Math.min(place(rule.value) - 8, free);
      free = y - 14;
      return { ...rule, over: place.invert(y) };
    });
  }

  /** How times are written on an axis of some length in milliseconds. */
  const timeFormat = (length) => d3.utcFormat(
    length < DAY / 96 ? "%-d %b %H:%M:%S" : length <= 2 * DAY ? "%-d %b %H:%M" : length < 300 * DAY ? "%-d %b" : "%b %Y");

  /** The span of some times, where it is drawn, its years, and labels: the first, the last, and round ones between. */
  function timeAxis(times, left, right) {
    const [first, last] = d3.extent(times);
    const span = first === last ? [first - DAY, last + DAY] : [first, last];
    const place = d3.scaleUtc(span, [left, right]);
    const written = timeFormat(last - first);
    const between = place.ticks(Math.max(2, Math.floor((right - left) / 90))).map(Number);
    const shown = new Set([first, ...between.filter((at) => at > first && at < last), last]);
    const labels = Array.from(shown, (at) => ({ at, text: written(at) })).filter(({ text }, i, all) =>
      i === all.length - 1 || (text !== all[i - 1]?.text && text !== all.at(-1).text));
    const years = new Set([first, last].map(d3.utcFormat("%Y")));
    return { span, place, years: Array.from(years).join(" to "), stops: Words.roomy(labels, place, right + RIGHT) };
  }

  /** Figures over time; what gave no figure is marked on the axis. */
  Kinds.trend = (data, width) => {
    const tall = Math.max(170, Math.min(240, width / 2.4));
    const points = flat(data.series, (point) => new Date(point.time));
    const values = extents(points).filter(Number.isFinite);
    // A trend that lies far from zero is read by its changes; one that is near it, by its height.
    const zero = values.length === 0 || d3.min(values) < d3.max(values) / 2;
    const up = upright(values, data.format, tall, { zero });
    const failed = data.failures.map(({ time, text }) => (
      { x: new Date(time), y: up.y.domain[0], lines: [text] }));
    if (points.length + failed.length === 0) return Drawing.nothing(width);
    const times = [...points, ...failed].map((one) => +one.x);
    const { span, place, years, stops } = timeAxis(times, up.left + 12, width - RIGHT);
    const title = [`date (UTC), ${years}`];
    const below = BELOW + titleHeight(title);
    return plot(width, 30 + tall + below, {
      marginLeft: up.left, marginRight: RIGHT, marginTop: 30, marginBottom: below,
      x: { type: "utc", domain: span, range: place.range(), axis: null },
      y: up.y,
      marks: [
        ...up.lines,
        upTitle(data.y, width - up.left, 18),
        ...curves(points, width),
        Plot.dot(failed, { x: "x", y: "y", r: 4.5, symbol: "times", stroke: "var(--below)", className: "failures" }),
        ...tickLabels(stops, 14),
        axisTitle(title, 25, up.left),
        tip([...points, ...failed], width, Plot.pointer),
      ],
    });
  };
}
