// Words and numbers in pictures: how wide they are, how they are cut, and where an axis has its ticks.
"use strict";

const Words = (() => {
  const THIN = "\u202f";
  const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
  const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

  const family = getComputedStyle(document.body).fontFamily;
  const pen = document.createElement("canvas").getContext("2d");
  const letters = new Intl.Segmenter("en", { granularity: "grapheme" });
  const locale = d3.formatLocale({ decimal: ".", thousands: THIN, grouping: [3], currency: ["", ""] });

  /** Pixels that a line of text takes. */
  function width(text, size = 13, weight = 400) {
    pen.font = `${weight} ${size}px ${family}`;
    return pen.measureText(text).width;
  }

  const split = (text) => Array.from(letters.segment(text), (one) => one.segment);

  /** One line of at most `room` pixels: what is too long ends in an ellipsis, never within a letter or an emoji. */
  function fit(text, room, size = 13, weight = 400) {
    const line = text.replace(/\s+/g, " ").trim();
    if (width(line, size, weight) <= room) return isolated(line);
    const parts = split(line.slice(0, 1000));
    const kept = d3.bisector((end) => width(`${parts.slice(0, end).join("")}…`, size, weight)).right(
      d3.range(parts.length), room) - 1;
    return isolated(`${parts.slice(0, Math.max(kept, 1)).join("").trimEnd()}…`);
  }

  /** At most two lines of at most `room` pixels, broken between words; the second is cut where it is too long. */
  function lines(text, room, size = 12) {
    const words = text.split(/\s+/);
    const first = d3.bisector((end) => width(words.slice(0, end).join(" "), size)).right(d3.range(words.length + 1), room) - 1;
    if (first === words.length || first < 1) return [fit(text, room, size)];
    return [words.slice(0, first), words.slice(first)].map((part) => fit(part.join(" "), room, size));
  }

  /** Text of the data that may run from right to left, kept from turning round what stands beside it. */
  const isolated = (text) => (RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text);

  /** Text of a tooltip, in full. Tooltips break lines at spaces only: a word of more than `room` pixels gets some. */
  function told(lines, room) {
    const broken = (word) => {
      const parts = [""];
      for (const letter of split(word)) {
        if (width(parts.at(-1) + letter, 12.5) > room) parts.push("");
        parts[parts.length - 1] += letter;
      }
      return parts.join("\n");
    };
    const whole = (line) => line.trim().split(/\s+/).map((word) => (width(word, 12.5) > room ? broken(word) : word)).join(" ");
    return lines.map((line) => isolated(whole(line))).filter(Boolean).join("\n");
  }

  /** A number on an axis; `step`: the distance of two ticks, which says how many digits tell them apart. */
  function tick(value, format, step) {
    if (format === "seconds") return duration(value);
    const factor = format === "percent" ? 100 : 1;
    const digits = d3.precisionFixed(step * factor);
    const large = factor === 1 && Math.abs(value) >= 1e5;
    const text = locale.format(large ? "~s" : `,.${digits}f`)(value * factor);
    return format === "percent" ? `${text}${THIN}%` : text;
  }

  function duration(seconds) {
    const [unit, name] = seconds < 60 ? [1, "s"] : seconds < 3600 ? [60, "min"] : [3600, "h"];
    return seconds === 0 ? "0" : `${locale.format("~r")(seconds / unit)}${THIN}${name}`;
  }

  /**
   * An axis that holds all values and, unless told otherwise, zero.
   * Returns {domain: [low, high], ticks: [{at, text}]}.
   */
  function axis(values, format, count, { zero = true } = {}) {
    let [low, high] = d3.extent([...(zero ? [0] : []), ...values.filter(Number.isFinite)]);
    if (low === undefined) [low, high] = [0, 1];
    if (low === high) [low, high] = low === 0 ? [0, 1] : [low - Math.abs(low) / 2, high + Math.abs(high) / 2];
    if (format === "seconds") {
      const step = STEPS.find((one) => one * count >= high) ?? STEPS.at(-1);
      const places = d3.range(0, high + step, step).filter((at, i, all) => i === 0 || all[i - 1] < high);
      return { domain: [0, places.at(-1)], ticks: places.map((at) => ({ at, text: tick(at, format, step) })) };
    }
    const step = d3.tickStep(low, high, count);
    const domain = [roundEnd(low, -step), roundEnd(high, step)];
    const places = d3.ticks(...domain, (domain[1] - domain[0]) / step);
    return { domain, ticks: places.map((at) => ({ at, text: tick(at, format, step) })) };
  }

  /** The next multiple of the step, or a little beyond the value where most of the step would be empty. */
  function roundEnd(value, step) {
    const end = Math.ceil(value / step - 1e-9) * step;
    return Math.abs(end - value) > 0.65 * Math.abs(step) ? value + 0.12 * step : end;
  }

  /**
   * Of labels {at, text} along an axis from 0 to `end` pixels as many as leave each other room: every one, every second
   * and so on, and the last. Each has the `anchor` that keeps it between the ends. place: pixels of a label's `at`.
   */
  function roomy(labels, place, end, size = 11.5, gap = 10) {
    const laid = labels.map((label) => {
      const [middle, half] = [place(label.at), width(label.text, size) / 2];
      if (middle < half) return { ...label, anchor: "start", from: middle, to: middle + 2 * half };
      if (middle + half > end) return { ...label, anchor: "end", from: middle - 2 * half, to: middle };
      return { ...label, anchor: "middle", from: middle - half, to: middle + half };
    });
    const last = laid.at(-1);
    const clear = (one, next) => one.to + gap <= next.from;
    const thinned = (stride) => laid.filter((one, i) => one === last || (i % stride === 0 && clear(one, last)));
    return d3.range(1, laid.length + 1).map(thinned)
      .find((kept) => d3.pairs(kept, clear).every(Boolean)) ?? [];
  }

  return { axis, fit, lines, roomy, told, width };
})();
