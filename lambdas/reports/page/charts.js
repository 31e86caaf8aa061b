// Draws every picture of the page from the JSON document beside it, again when its place changes, and for paper.
"use strict";

const Charts = (() => {
  // Widths in pixels on A4: of pictures that stand beside others, and of those that stand alone.
  const PAPER = { beside: 290, alone: 640 };

  class Picture {
    constructor(place) {
      this.place = place;
      this.caption = place.closest("figure").querySelector("figcaption");
      this.words = place.querySelector(".described");
      this.width = 0;
    }

    get data() {
      this.known ??= JSON.parse(document.querySelector(`script[data-for="${CSS.escape(this.place.id)}"]`).textContent);
      return this.known;
    }

    /** Draw at a width in pixels. What cannot be drawn is told in words, and does not stop the other pictures. */
    draw(width) {
      this.width = width;
      this.place.querySelector("svg")?.remove();
      try {
        const drawn = Kinds[this.place.dataset.kind](this.data, width);
        drawn.setAttribute("role", "img");
        // Plot names the groups of marks; a picture has one name, and no parts.
        for (const group of drawn.querySelectorAll("[aria-label]")) group.removeAttribute("aria-label");
        drawn.setAttribute("aria-label", `${this.caption.textContent}: ${this.words.textContent}`);
        this.place.append(drawn);
        this.words.hidden = true;
      } catch (error) {
        this.words.hidden = false;
        console.error(`The picture "${this.place.id}" cannot be drawn.`, error);
      }
    }

    show({ title, description, data }) {
      this.known = data;
      this.caption.textContent = title;
      this.words.textContent = description;
      this.draw(this.width);
    }
  }

  const pictures = new Map(Array.from(document.querySelectorAll(".plot"), (place) => [place.id, new Picture(place)]));
  const room = (picture) => Math.floor(picture.place.clientWidth);

  /** Draws what has another width than it was drawn at; places that are not shown have none. */
  function refresh(wanted = room) {
    const due = Array.from(pictures.values(), (picture) => [picture, wanted(picture)]);
    for (const [picture, width] of due) if (width > 0 && width !== picture.width) picture.draw(width);
  }

  refresh();
  document.documentElement.dataset.charts = "drawn";
  performance.mark("charts-drawn");

  const watcher = new ResizeObserver(() => refresh());
  for (const { place } of pictures.values()) watcher.observe(place);

  // On paper everything is open, and pictures are drawn for the width of the sheet.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    for (const details of opened) details.open = true;
    refresh(({ place }) => (place.closest(".grid, .verdict") ? PAPER.beside : PAPER.alone));
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
    refresh();
  });

  /** Show another chart {title, description, data} in a picture's place. */
  return { show: (key, chart) => pictures.get(key).show(chart) };
})();
