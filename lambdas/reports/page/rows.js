// Pictures of rows: a label and a value over each row, bars, points or dots in it. Upright places are pixels.
"use strict";

{
  const { SMALL, colour, bounded, known, plot, tip, tickLabels, axisTitle, titleHeight } = Drawing;
  const GAP = 12;

  /** Rows with the places of what belongs to them. Label and value stand in two lines where one is too short. */
  function placed(rows, width, body) {
    const told = (row) =>
      Words.width(row.text, 13, 650) + (row.interval ? 6 + Words.width(row.interval, SMALL) : 0);
    const stacked = rows.some((row) => Words.width(row.label) + GAP + told(row) > width);
    const head = stacked ? 36 : 19;
    return rows.map((row, i) => {
      const top = i * (head + body + 6);
      return {
        ...row, stacked, top: top + 9, beside: top + (stacked ? 26 : 9),
        head: top + head, middle: top + head + body / 2, foot: top + head + body,
        shown: Words.fit(row.label, stacked ? width : width - told(row) - GAP),
      };
    });
  }

  /** Puts a row's interval behind its value, in the same line of text. */
  const withInterval = (rows) => (index, scales, values, dimensions, context, next) => {
    const drawn = next(index, scales, values, dimensions, context);
    d3.select(drawn).selectAll("text").filter((i) => rows[i].interval)
      .append("tspan").attr("class", "interval").attr("dx", 6).text((i) => rows[i].interval);
    return drawn;
  };

  /** The axis with the most ticks whose labels leave each other room. */
  function axis(values, format, width) {
    const widest = ({ ticks }) => d3.max(ticks, ({ text }) => Words.width(text, SMALL));
    const roomy = (one) => width / (one.ticks.length - 1) > 10 + 1.5 * widest(one);
    const found = d3.range(6, 0, -1).map((count) => Words.axis(values, format, count));
    return found.find(roomy) ?? found.at(-1);
  }

  /** Heads, axis and tooltips of all kinds of rows. marks: from placed rows to what is drawn in them. */
  function rowPlot(data, width, body, values, marks) {
    const scale = axis(values, data.format, width);
    const rows = placed(data.rows, width, body);
    const grid = d3.cross(rows, scale.ticks, ({ head, foot }, { at }) => ({ head, foot, at }));
    const side = rows.some((row) => row.stacked) ? "left" : "right";
    const title = Words.lines(data.axis, width);
    const below = 24 + titleHeight(title);
    return plot(width, (rows.at(-1)?.foot ?? 0) + 6 + below, {
      marginBottom: below,
      x: { type: "linear", domain: scale.domain, range: [0, width], axis: null },
      y: { type: "identity", axis: null },
      marks: [
        Plot.ruleX(grid, { x: "at", y1: "head", y2: "foot", className: "grid" }),
        Plot.text(rows, { y: "top", text: "shown", frameAnchor: "left", className: "label" }),
        Plot.text(rows, { y: "beside", text: "text", frameAnchor: side, className: "value", render: withInterval(rows) }),
        Plot.ruleX(rows, { x: 0, y1: "head", y2: "foot", className: "zero" }),
        ...marks(rows),
        ...tickLabels(Words.roomy(scale.ticks, d3.scaleLinear(scale.domain, [0, width]), width), 13),
        axisTitle(title, 23),
        tip(rows.map(pointedAt), width, Plot.pointerY),
      ],
    });
  }

  const pointedAt = (row) => ({
    x: row.value ?? 0,
    y: row.middle,
    lines: [row.label, ...(row.dots?.map((dot) => dot.text) ?? [`${row.text} ${row.interval}`])],
  });

  const estimates = (data) => data.rows.flatMap((row) => [row.value, row.low, row.high]);

  /** Bars from zero with whiskers; shares of a whole on an axis that holds the whole. */
  Kinds.bars = (data, width) => rowPlot(data, width, 15, [...estimates(data), data.whole ? 1 : 0], (rows) => [
    Plot.rect(known(rows), {
      x1: 0, x2: "value", y1: "head", y2: "foot", insetTop: 1, insetBottom: 1, rx: 2, fill: colour, className: "bars",
    }),
    Plot.ruleY(bounded(rows), { x1: "low", x2: "high", y: "middle", className: "whisker" }),
    ...["low", "high"].map((end) => Plot.ruleX(bounded(rows), {
      x: end, y1: (row) => row.middle - 4, y2: (row) => row.middle + 4, className: "whisker",
    })),
  ]);

  /** Points with intervals around zero; those that may lie on either side are hollow. */
  Kinds.points = (data, width) => {
    const values = estimates(data);
    const around = values.some(Boolean) ? values : [-0.01, 0.01]; // where nothing differs, zero is in the middle
    return rowPlot(data, width, 15, around, (rows) => [
      Plot.ruleY(bounded(rows), { x1: "low", x2: "high", y: "middle", stroke: colour, className: "span" }),
      Plot.dot(known(rows), {
        x: "value", y: "middle", r: 5, stroke: colour, className: "points",
        fill: (row) => (row.kind === "across" ? "var(--card)" : colour(row)),
      }),
    ]);
  };

  /** A dot for each of several values; the first named lies on top. */
  Kinds.dots = (data, width) => {
    const values = data.rows.flatMap((row) => row.dots.map((dot) => dot.value));
    return rowPlot(data, width, 13, values, (rows) => [
      Plot.ruleY(rows, { y: "middle", className: "grid" }),
      Plot.dot(rows.flatMap((row) => row.dots.map((dot) => ({ ...dot, middle: row.middle })).reverse()), {
        x: "value", y: "middle", r: 5.5, fill: colour, stroke: "var(--card)", className: "points",
      }),
    ]);
  };
}
