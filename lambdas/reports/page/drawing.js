// What all kinds of pictures share. Colours are custom properties of the page: dark mode and paper need no redrawing.
"use strict";

/** The kinds of pictures by name, each a function from a chart's data and a width in pixels to an SVG element. */
const Kinds = {};

const Drawing = {
  /** Size in pixels of the text on axes. */
  SMALL: 11.5,

  /** The colour of a mark's role. */
  colour: (mark) => `var(--${mark.kind})`,

  /** Marks that have an interval, and marks that have a value. */
  bounded: (marks) => marks.filter((mark) => mark.low !== null && mark.high !== null),
  known: (marks) => marks.filter((mark) => mark.value !== null),

  plot: (width, height, options) => Plot.plot({ width, height, margin: 0, className: "drawing", ...options }),

  /** A tooltip at the nearest of some places {x, y, lines}, small enough to fit at one side. pointer: one of Plot's. */
  tip: (places, width, pointer) => {
    const room = Math.min(300, 0.66 * width);
    return Plot.tip(places, pointer({
      x: "x", y: "y", title: ({ lines }) => Words.told(lines, 0.6 * room), className: "tip", fill: "var(--card)",
      stroke: "var(--soft)", fontSize: 12.5, lineHeight: 1.25, lineWidth: room / 12.5, maxRadius: 60,
    }));
  },

  /** Labels of a level axis, as `Words.roomy` leaves them, their middle `down` pixels below the frame. */
  tickLabels: (labels, down) => d3.groups(labels, (label) => label.anchor).map(([textAnchor, group]) => Plot.text(group, {
    x: "at", text: "text", frameAnchor: "bottom", lineAnchor: "middle", dy: down, textAnchor, className: "tick",
  })),

  /** The lines of a level axis's title, `down` pixels below the frame, in the middle of the whole picture. */
  axisTitle: (lines, down, left = 0) => Plot.text([lines.join("\n")], {
    frameAnchor: "bottom", lineAnchor: "top", lineHeight: 1.2, dy: down, dx: -left / 2, className: "axis-title",
  }),

  /** What is drawn when there is nothing to draw. */
  nothing: (width) => Drawing.plot(width, 24, {
    marks: [Plot.text(["nothing to show yet"], { frameAnchor: "left", className: "tick" })],
  }),

  /** The height that the title's lines take. */
  titleHeight: (lines) => 15 * lines.length,
};
