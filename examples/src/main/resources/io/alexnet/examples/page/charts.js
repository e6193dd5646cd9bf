"use strict";

/*
 * Line charts in SVG, for the report and for the dashboard. Charts.line(parent, options) adds one:
 *
 *   title   what is shown
 *   x, y    { label, unit, min, max, whole, log }; all but label may be left out
 *   series  [{ name, points: [[x, y], ...], faint, color }], by ascending x
 *
 * and returns { set(series, points), xMax(value) }. Colours are those of the style sheet,
 * so a chart follows the reader's light or dark scheme. Values are read by pointer, by touch, or with the arrow keys.
 * number, percent and clock write figures as both pages do.
 */
const Charts = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const COLORS = 8;
  const GAP = { top: 10, right: 14, bottom: 42 };
  const CHARACTER = 7; // about as wide as a digit of the labels, in pixels

  function element(name, attributes, parent) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) {
      made.setAttribute(key, value);
    }
    if (parent) {
      parent.append(made);
    }
    return made;
  }

  function html(name, className, parent, text) {
    const made = document.createElement(name);
    made.className = className;
    if (text !== undefined) {
      made.textContent = text;
    }
    parent.append(made);
    return made;
  }

  /** With four digits that count, and without zeros at the end. */
  function number(value) {
    if (value === 0) {
      return "0";
    }
    const size = Math.abs(value);
    if (size >= 1e6 || size < 1e-4) {
      return value.toExponential(3).replace(/\.?0+e/, "e").replace("e+", "e");
    }
    return String(size >= 1000 ? Math.round(value) : Number(value.toPrecision(4)));
  }

  /** The steps of an axis: 1, 2 or 5 times a power of ten. */
  function linearTicks(min, max, wanted, whole) {
    const rough = (max - min) / Math.max(1, wanted);
    const power = 10 ** Math.floor(Math.log10(rough));
    let step = [1, 2, 5, 10].map(m => m * power).find(s => s >= rough * 0.999);
    if (whole) {
      step = Math.max(1, Math.round(step));
    }
    const ticks = [];
    for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++) {
      ticks.push(Number((i * step).toPrecision(12)));
    }
    return ticks;
  }

  function logTicks(min, max, wanted) {
    const ticks = [];
    const few = Math.log10(max / min) < 3;
    for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
      for (const factor of few ? [1, 2, 5] : [1]) {
        const tick = Number((factor * 10 ** power).toPrecision(6));
        if (tick >= min * 0.999 && tick <= max * 1.001) {
          ticks.push(tick);
        }
      }
    }
    const skip = Math.ceil(ticks.length / Math.max(2, wanted + 2));
    return ticks.filter((tick, i) => i % skip === 0);
  }

  /** Two series are told apart by colour, or by dashes where the colours begin again. */
  function look(series, index) {
    const color = series.color ?? index;
    return `series-${color % COLORS} dash-${Math.floor(color / COLORS) % 3}${series.faint ? " faint" : ""}`;
  }

  function line(parent, options) {
    const { title, x, y } = options;
    const series = options.series.map(s => ({ ...s, points: s.points ?? [], hidden: false }));
    const figure = html("figure", "chart", parent);
    html("figcaption", "", figure, title);
    const legend = html("div", "legend", figure);
    const plot = html("div", "plot", figure);
    const svg = element("svg", { role: "img", tabindex: 0 }, plot);
    const values = html("div", "values", plot);
    values.setAttribute("role", "status");
    values.hidden = true;
    let scale = null; // of what is drawn: from figures to pixels
    let shown = null; // the x whose values are shown
    let waiting = false;

    series.forEach((s, index) => {
      const button = html("button", "", legend);
      button.type = "button";
      button.setAttribute("aria-pressed", "true");
      const key = element("svg", { width: 26, height: 10, "aria-hidden": "true" }, button);
      element("line", { x1: 1, y1: 5, x2: 25, y2: 5, class: look(s, index) }, key);
      button.append(s.name);
      button.addEventListener("click", () => {
        s.hidden = !s.hidden;
        button.setAttribute("aria-pressed", String(!s.hidden));
        redraw();
      });
    });

    const visible = () => series.filter(s => !s.hidden);
    const drawable = value => value !== null && (!y.log || value > 0);

    function limits() {
      let xs = [], ys = [];
      for (const s of visible()) {
        for (const [px, py] of s.points) {
          if (drawable(py)) {
            xs.push(px);
            ys.push(py);
          }
        }
      }
      const least = list => list.reduce((a, b) => Math.min(a, b), Infinity);
      const most = list => list.reduce((a, b) => Math.max(a, b), -Infinity);
      const range = { x0: x.min ?? least(xs), x1: Math.max(x.max ?? -Infinity, most(xs)), y0: y.min ?? least(ys), y1: y.max ?? most(ys) };
      if (ys.length === 0) {
        range.x0 = x.min ?? 0;
        range.x1 = x.max ?? 1;
        range.y0 = y.log ? 0.1 : y.min ?? 0;
        range.y1 = y.max ?? 1;
      }
      if (!(range.x1 > range.x0)) {
        range.x0 -= 0.5;
        range.x1 = range.x0 + 1;
      }
      if (!(range.y1 > range.y0)) {
        range.y1 = y.log ? range.y0 * 2 : range.y0 + Math.max(1e-9, Math.abs(range.y0) * 0.2);
        range.y0 = y.log ? range.y0 / 2 : y.min ?? range.y0 - Math.max(1e-9, Math.abs(range.y0) * 0.2);
      } else if (y.max === undefined && !y.log) {
        range.y1 += 0.04 * (range.y1 - range.y0);
      }
      return range;
    }

    function draw() {
      waiting = false;
      const width = Math.max(240, plot.clientWidth);
      const height = Math.round(Math.min(300, Math.max(190, width * 0.55)));
      const r = limits();
      let yTicks = y.log ? logTicks(r.y0, r.y1, height / 60) : [];
      if (yTicks.length < 2) {
        yTicks = linearTicks(r.y0, r.y1, height / 38); // also where a logarithmic axis is short
      }
      const labels = yTicks.map(number);
      const left = 12 + CHARACTER * labels.reduce((most, label) => Math.max(most, label.length), 1);
      const w = width - left - GAP.right;
      const top = GAP.top + 16; // below the unit
      const h = height - top - GAP.bottom;
      const level = y.log ? Math.log : v => v;
      scale = {
        x: v => left + (v - r.x0) / (r.x1 - r.x0) * w,
        y: v => top + h - (level(v) - level(r.y0)) / (level(r.y1) - level(r.y0)) * h,
        top, bottom: top + h, left, right: left + w
      };
      svg.replaceChildren();
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.setAttribute("width", width);
      svg.setAttribute("height", height);
      svg.setAttribute("aria-label", described());
      element("text", { x: 4, y: 12, class: "unit" }, svg).textContent = y.label + (y.unit ? `, ${y.unit}` : "");
      yTicks.forEach((tick, i) => {
        const at = scale.y(tick);
        element("line", { x1: left, x2: left + w, y1: at, y2: at, class: "grid" }, svg);
        element("text", { x: left - 6, y: at + 4, "text-anchor": "end" }, svg).textContent = labels[i];
      });
      for (const tick of linearTicks(r.x0, r.x1, w / 70, x.whole)) {
        const at = scale.x(tick);
        element("line", { x1: at, x2: at, y1: top + h, y2: top + h + 5, class: "axis" }, svg);
        element("text", { x: at, y: top + h + 18, "text-anchor": "middle" }, svg).textContent = number(tick);
      }
      element("line", { x1: left, x2: left + w, y1: top + h, y2: top + h, class: "axis" }, svg);
      element("text", { x: left + w / 2, y: height - 6, "text-anchor": "middle", class: "unit" }, svg).textContent =
        x.label + (x.unit ? `, ${x.unit}` : "");
      series.forEach((s, index) => {
        if (!s.hidden) {
          drawSeries(s, index);
        }
      });
      element("g", { class: "cursor" }, svg);
      if (shown !== null) {
        show(shown);
      }
    }

    function drawSeries(s, index) {
      const points = s.points.filter(([, py]) => drawable(py));
      const path = points.map(([px, py], i) => `${i ? "L" : "M"}${scale.x(px).toFixed(1)} ${scale.y(py).toFixed(1)}`).join("");
      element("path", { d: path, class: look(s, index) }, svg);
      if (!s.faint && points.length <= 40) {
        for (const [px, py] of points) {
          element("circle", { cx: scale.x(px), cy: scale.y(py), r: 2.8, class: look(s, index) }, svg);
        }
      }
    }

    /** For those who do not see it: where each curve begins and ends. */
    function described() {
      const parts = visible().filter(s => s.points.some(([, py]) => py !== null)).map(s => {
        const points = s.points.filter(([, py]) => py !== null);
        const [first, last] = [points[0], points[points.length - 1]];
        return `${s.name} from ${number(first[1])} to ${number(last[1])}`;
      });
      return `${title}, ${y.label}${y.unit ? " in " + y.unit : ""}, over ${x.label}: ${parts.join("; ") || "nothing yet"}`;
    }

    function nearest(s, at) {
      let best = null;
      for (const point of s.points) {
        if (point[1] !== null && (best === null || Math.abs(point[0] - at) < Math.abs(best[0] - at))) {
          best = point;
        }
      }
      return best;
    }

    /** The values at the drawn point that is nearest to x = at. */
    function show(at) {
      const points = visible().map(s => [s, nearest(s, at)]).filter(([, point]) => point !== null);
      if (points.length === 0) {
        return hide();
      }
      const [, [closest]] = points.reduce((a, b) => Math.abs(b[1][0] - at) < Math.abs(a[1][0] - at) ? b : a);
      shown = closest;
      const group = svg.querySelector(".cursor");
      group.replaceChildren();
      const px = scale.x(closest);
      element("line", { x1: px, x2: px, y1: scale.top, y2: scale.bottom, class: "cursor-line" }, group);
      values.replaceChildren();
      html("div", "at", values, `${x.label} ${number(closest)}`);
      points.filter(([, point]) => point[0] === closest).forEach(([s, point]) => {
        const index = series.indexOf(s);
        const row = html("div", "", values);
        const key = element("svg", { width: 18, height: 10, "aria-hidden": "true" }, row);
        element("line", { x1: 1, y1: 5, x2: 17, y2: 5, class: look(s, index) }, key);
        row.append(`${s.name} ${number(point[1])}${y.unit ? " " + y.unit : ""}`);
        if (drawable(point[1])) {
          element("circle", { cx: px, cy: scale.y(point[1]), r: 4, class: look(s, index) }, group);
        }
      });
      values.hidden = false;
      const space = plot.clientWidth - values.offsetWidth - 4;
      const beside = px > plot.clientWidth / 2 ? px - values.offsetWidth - 12 : px + 12;
      values.style.left = `${Math.max(0, Math.min(space, beside))}px`;
    }

    function hide() {
      shown = null;
      values.hidden = true;
      svg.querySelector(".cursor")?.replaceChildren();
    }

    function pointed(event) {
      const box = svg.getBoundingClientRect();
      const at = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
      const r = (at - scale.left) / (scale.right - scale.left);
      const zero = limits();
      show(zero.x0 + r * (zero.x1 - zero.x0));
    }

    svg.addEventListener("pointermove", pointed);
    svg.addEventListener("pointerdown", pointed);
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", event => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const xs = [...new Set(visible().flatMap(s => s.points.map(point => point[0])))].sort((a, b) => a - b);
      if (step && xs.length > 0) {
        event.preventDefault();
        const now = shown === null ? (step > 0 ? -1 : xs.length) : xs.indexOf(shown);
        show(xs[Math.max(0, Math.min(xs.length - 1, now + step))]);
      } else if (event.key === "Escape") {
        hide();
      }
    });

    function redraw() {
      if (!waiting) {
        waiting = true;
        requestAnimationFrame(draw);
      }
    }

    new ResizeObserver(redraw).observe(plot);
    draw();

    return {
      set(index, points) {
        series[index].points = points;
        redraw();
      },
      xMax(value) {
        x.max = value;
        redraw();
      }
    };
  }

  function clock(seconds) {
    const s = Math.round(seconds);
    const two = n => String(n).padStart(2, "0");
    return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  }

  const percent = share => share === null || share === undefined ? "–" : `${(100 * share).toFixed(1)} %`;

  return { line, number, percent, clock };
})();
