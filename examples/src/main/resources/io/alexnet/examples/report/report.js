/* Fills the report's page with the data in it. All text goes in as text, so no name is ever taken for markup. */
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = id => document.getElementById(id);

  function add(parent, name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) {
      made.textContent = text;
    }
    if (className) {
      made.className = className;
    }
    parent.append(made);
    return made;
  }

  const { clock, percent } = Charts;
  const chance = probability => probability < 0.0005 ? "< 0.1 %" : percent(probability);
  const fixed = value => value === null || value === undefined ? "–" : value.toFixed(4);

  /** Columns that are not names are figures. */
  function table(parent, caption, heads, rows) {
    const made = add(parent, "table");
    if (caption) {
      add(made, "caption", caption);
    }
    const head = add(add(made, "thead"), "tr");
    heads.forEach((text, i) => {
      add(head, "th", text, i ? "figure" : "").scope = "col";
    });
    const body = add(made, "tbody");
    for (const row of rows) {
      const line = add(body, "tr");
      row.forEach((text, i) => {
        const cell = add(line, i ? "td" : "th", text, i ? "figure" : "");
        if (!i) {
          cell.scope = "row";
        }
      });
    }
    return made;
  }

  function card(name, value) {
    const div = add(at("cards"), "div");
    add(div, "dt", name);
    add(div, "dd", value);
  }

  function figures() {
    const epochs = data.epochs;
    const final = data.evaluation;
    if (epochs.length > 0) {
      const best = epochs.reduce((a, b) => b.validationTop1 > a.validationTop1 ? b : a);
      card("Best epoch", `${best.epoch} of ${data.epochsPlanned}`);
      card("Validation top-1, best epoch", percent(best.validationTop1));
      card("Validation top-1, last epoch", percent(epochs[epochs.length - 1].validationTop1));
      card("Images a second", Charts.number(epochs[epochs.length - 1].imagesPerSecond));
      card("Time", clock(epochs.reduce((sum, e) => sum + e.seconds, 0)));
    }
    card("Parameters", data.parameters.toLocaleString("en"));
    if (!final) {
      at("final").hidden = true;
      at("no-final").hidden = false;
      return;
    }
    const rows = [];
    for (const [name, part] of [["Best", final.best], ["Last", final.last]]) {
      for (const e of part.evaluations) {
        rows.push([`${name} epoch, ${part.epoch}: ${e.crops === 1 ? "centre crop" : "ten crops"}`, percent(e.top1), percent(e.top5),
          fixed(e.loss), percent(e.macroF1), String(e.images)]);
      }
    }
    table(at("final"), `On ${final.data}, validation images`, ["Weights and views", "Top-1", "Top-5", "Loss", "Macro F1", "Images"], rows);
    at("final-note").hidden = false;
  }

  function curves() {
    const epochs = data.epochs;
    if (epochs.length === 0) {
      at("curves").hidden = true;
      return;
    }
    const x = () => ({ label: "epoch", whole: true, max: Math.max(data.epochsPlanned, epochs.length) });
    const points = figure => epochs.map(e => [e.epoch, figure(e)]);
    const share = name => points(e => e[name] === null ? null : 100 * e[name]);
    const charts = at("charts");
    Charts.line(charts, {
      title: "Loss", x: x(), y: { label: "cross-entropy", min: 0 },
      series: [{ name: "training", points: points(e => e.trainLoss) }, { name: "validation", points: points(e => e.validationLoss) }]
    });
    Charts.line(charts, {
      title: "Accuracy", x: x(), y: { label: "of the images", unit: "%", min: 0, max: 100 },
      series: [{ name: "training top-1", points: share("trainTop1") }, { name: "validation top-1", points: share("validationTop1") },
        { name: "validation top-5", points: share("validationTop5") }]
    });
    Charts.line(charts, {
      title: "Learning rate", x: x(), y: { label: "of each epoch's last step", min: 0 },
      series: [{ name: "rate", points: points(e => e.learningRate) }]
    });
    Charts.line(charts, {
      title: "Speed", x: x(), y: { label: "training", unit: "images/s", min: 0 },
      series: [{ name: "images a second", points: points(e => e.imagesPerSecond) }]
    });
  }

  function confusion() {
    const shown = data.confusion;
    if (!shown) {
      at("confusion").hidden = true;
      return;
    }
    at("confusion-of").textContent = `${shown.of}: top-1 ${percent(shown.top1)}, ${shown.images} images. `
      + "A row for each true class, a column for each predicted one.";
    if (shown.matrix) {
      matrix(shown.classes.map(c => c.class), shown.matrix);
    } else if (shown.picture) {
      const picture = add(at("matrix"), "img", undefined, "picture");
      picture.src = shown.picture;
      picture.alt = `Confusion matrix of ${shown.classes.length} classes; the most frequent mistakes are listed beside it.`;
    }
    if (shown.pairs.length > 0) {
      table(at("pairs"), "Most frequent mistakes", ["True class → predicted", "Images", "Of the class"],
        shown.pairs.map(p => [`${p.actual} → ${p.predicted}`, String(p.count), percent(p.count / p.of)]));
    }
    const classes = add(at("classes"), "div", undefined, "scroll");
    classes.tabIndex = 0;
    table(classes, "", ["Class", "Precision", "Recall", "F1", "Images"],
      shown.classes.map(c => [c.class, percent(c.precision), percent(c.recall), percent(c.f1), String(c.images)]));
  }

  function matrix(names, counts) {
    const made = add(at("matrix"), "table", undefined, "matrix");
    const head = add(add(made, "thead"), "tr");
    add(head, "td", "", "quiet").setAttribute("aria-hidden", "true");
    for (const name of names) {
      const cell = add(head, "th", undefined, "name");
      cell.scope = "col";
      cell.title = name;
      add(cell, "span", name);
    }
    const body = add(made, "tbody");
    counts.forEach((row, actual) => {
      const line = add(body, "tr");
      add(line, "th", names[actual]).scope = "row";
      const all = row.reduce((a, b) => a + b, 0);
      row.forEach((count, predicted) => {
        const cell = add(line, "td", count || "");
        cell.title = `${names[actual]} taken for ${names[predicted]}: ${count} of ${all}`;
        const strength = count ? Math.sqrt(count / all) : 0; // the root, so that single mistakes are seen
        cell.style.backgroundColor = `rgba(var(${actual === predicted ? "--right" : "--wrong"}), ${strength.toFixed(3)})`;
        cell.classList.toggle("strong", strength > 0.7);
      });
    });
  }

  function mistakes() {
    if (!data.mistakes || data.mistakes.length === 0) {
      at("mistakes").hidden = true;
      return;
    }
    for (const mistake of data.mistakes) {
      const item = add(at("mistake-list"), "li");
      const image = add(item, "img", undefined, mistake.small ? "pixels" : "");
      image.src = mistake.image;
      image.alt = `${mistake.label}, taken for ${mistake.guesses[0].class}`;
      add(item, "div", mistake.label, "true");
      const guesses = add(item, "ol");
      for (const guess of mistake.guesses) {
        const line = add(guesses, "li", undefined, guess.class === mistake.label ? "own" : "");
        add(line, "span", guess.class).title = guess.class;
        add(line, "span", chance(guess.probability));
      }
      if (!mistake.guesses.some(guess => guess.class === mistake.label)) {
        const line = add(guesses, "li", undefined, "own");
        add(line, "span", mistake.label);
        add(line, "span", chance(mistake.probability));
      }
      add(item, "p", mistake.name.split(/[/\\]/).slice(-2).join("/"), "file").title = mistake.name;
    }
  }

  function filters() {
    if (!data.filters) {
      at("filters").hidden = true;
      return;
    }
    at("filters-of").textContent = `${data.filters.parameter}, ${data.filters.shape}. `
      + "Middle grey is zero; each filter is scaled by its own largest weight.";
    const image = at("filter-sheet");
    image.src = data.filters.image;
    image.alt = `The filters of the first convolution, ${data.filters.parameter}, as a grid of pictures`;
  }

  function norms() {
    if (!data.norms || data.norms.layers.length === 0) {
      at("norms").hidden = true;
      return;
    }
    const { epochs, layers } = data.norms;
    for (const [title, key] of [["Weights", "weight"], ["Gradients", "gradient"]]) {
      Charts.line(at("norm-charts"), {
        title, x: { label: "epoch", whole: true, max: Math.max(data.epochsPlanned, ...epochs) }, y: { label: "norm", log: true },
        series: layers.map(layer => ({ name: layer.name, points: epochs.map((epoch, i) => [epoch, layer[key][i]]) }))
      });
    }
  }

  function run() {
    at("summary").textContent = data.summary;
    add(at("command"), "p", data.commands.length > 0 ? "As it was begun, and gone on with:" : "The command was not recorded.", "quiet");
    if (data.commands.length > 0) {
      add(at("command"), "pre", data.commands.join("\n"));
    }
    const rows = [];
    (function flatten(value, name) {
      if (value !== null && typeof value === "object" && !Array.isArray(value)) {
        Object.entries(value).forEach(([key, inner]) => flatten(inner, name ? `${name}.${key}` : key));
      } else {
        rows.push([name, Array.isArray(value) ? value.join(", ") : String(value)]);
      }
    })(data.configuration, "");
    const made = table(at("configuration"), "The run's config.json", ["Setting", "Value"], rows);
    made.querySelectorAll(".figure").forEach(cell => cell.classList.remove("figure"));
  }

  figures();
  curves();
  confusion();
  mistakes();
  filters();
  norms();
  run();
})();
