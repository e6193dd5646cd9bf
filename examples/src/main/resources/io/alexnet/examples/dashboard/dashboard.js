"use strict";

/* Shows the events of a training as they come, and sends the buttons' orders. */
(() => {
  const at = id => document.getElementById(id);
  const token = document.querySelector("meta[name=dashboard-token]").content;
  const x = { label: "epoch", min: 0 };
  let charts = null;
  let losses = []; // of single steps, or of as many as a point stands for
  let done = [];
  let last = null;

  function makeCharts() {
    const parent = at("charts");
    parent.replaceChildren();
    const axis = () => ({ ...x });
    const byEpoch = () => ({ ...x, whole: true });
    charts = {
      loss: Charts.line(parent, {
        title: "Loss", x: axis(), y: { label: "cross-entropy", min: 0 },
        series: [{ name: "steps", faint: true, color: 0 }, { name: "training", color: 0 }, { name: "validation", color: 1 }]
      }),
      accuracy: Charts.line(parent, {
        title: "Accuracy", x: byEpoch(), y: { label: "of the images", unit: "%", min: 0, max: 100 },
        series: [{ name: "training top-1" }, { name: "validation top-1" }, { name: "validation top-5" }]
      }),
      rate: Charts.line(parent, {
        title: "Learning rate", x: byEpoch(), y: { label: "of the last step", min: 0 }, series: [{ name: "rate" }]
      }),
      speed: Charts.line(parent, {
        title: "Speed", x: byEpoch(), y: { label: "training", unit: "images/s", min: 0 }, series: [{ name: "images a second" }]
      })
    };
  }

  /** A point for each epoch that is done, and for the epoch under way one of what is known so far. */
  function drawEpochs(news) {
    const under = news.batches > 0 && done.length < news.epoch && news.batch > 0
      ? [{ epoch: news.epoch - 1 + news.batch / news.batches, trainLoss: news.loss, trainTop1: news.top1, validationLoss: null,
        validationTop1: null, validationTop5: null, learningRate: news.rate, imagesPerSecond: news.imagesPerSecond }]
      : [];
    const points = (name, factor = 1) => [...done, ...under].map(e => [e.epoch, e[name] === null ? null : factor * e[name]]);
    charts.loss.set(1, points("trainLoss"));
    charts.loss.set(2, points("validationLoss"));
    charts.accuracy.set(0, points("trainTop1", 100));
    charts.accuracy.set(1, points("validationTop1", 100));
    charts.accuracy.set(2, points("validationTop5", 100));
    charts.rate.set(0, points("learningRate"));
    charts.speed.set(0, points("imagesPerSecond"));
  }

  function state(name, note) {
    const badge = at("state");
    if (badge.textContent !== name) { // or it would be read out again and again
      badge.textContent = name;
      badge.className = `state ${name}`;
    }
    if (at("note").textContent !== note) {
      at("note").textContent = note;
    }
  }

  const number = value => value === null || value === undefined ? "–" : Charts.number(value);
  const { clock, percent } = Charts;

  function show(news) {
    if (news.first) {
      losses = [];
      done = [];
      makeCharts();
    }
    if (news.lossesAnew) {
      losses = [];
    }
    losses.push(...news.losses);
    done.push(...news.done);
    if (news.first || !last || last.epochs !== news.epochs) {
      Object.values(charts).forEach(chart => chart.xMax(Math.max(1, news.epochs)));
    }
    charts.loss.set(0, losses);
    drawEpochs(news);
    last = news;
    at("title").textContent = news.title;
    const validating = news.state === "training" && news.batches > 0 && news.batch === news.batches && done.length < news.epoch;
    state(validating ? "validating" : news.state, news.note);
    const share = news.batches > 0 ? news.batch / news.batches : 0;
    const all = news.epochs > 0 ? Math.min(1, Math.max(done.length, news.epoch - 1 + share) / news.epochs) : 0;
    at("all").value = all;
    at("all-text").textContent = `${done.length} of ${news.epochs} epochs, ${(100 * all).toFixed(0)} %`;
    at("this").value = share;
    at("this-text").textContent = `epoch ${news.epoch}, ${news.batch} of ${news.batches} batches`;
    const running = ["training", "paused", "stopping"].includes(news.state);
    at("left").textContent = running && news.secondsLeft !== null && news.secondsLeft !== undefined ? clock(news.secondsLeft) : "–";
    at("loss").textContent = number(news.loss);
    at("top1").textContent = percent(news.top1);
    at("rate").textContent = number(news.rate);
    at("speed").textContent = number(news.imagesPerSecond);
    at("step").textContent = news.step.toLocaleString("en");
    const accuracies = done.map(e => e.validationTop1).filter(top1 => top1 !== null);
    at("best").textContent = accuracies.length > 0 ? percent(Math.max(...accuracies)) : "–";
    at("pause").textContent = news.state === "paused" ? "Continue" : "Pause";
    at("pause").disabled = at("stop").disabled = !["training", "paused"].includes(news.state);
    document.title = `${(100 * all).toFixed(0)} % · ${news.title}`;
  }

  async function order(path) {
    at("answer").textContent = "";
    try {
      const answer = await fetch(path, { method: "POST", headers: { "X-Dashboard-Token": token } });
      if (answer.status === 403) { // this page is of an earlier command on the same port
        location.reload();
      } else if (!answer.ok) {
        at("answer").textContent = await answer.text();
      }
    } catch (e) {
      at("answer").textContent = "The training does not answer.";
    }
  }

  at("pause").addEventListener("click", () => order(last.state === "paused" ? "/continue" : "/pause"));
  at("stop").addEventListener("click", () => order("/stop"));

  makeCharts();
  const events = new EventSource("/events");
  events.addEventListener("message", message => {
    show(JSON.parse(message.data));
    if (["finished", "stopped", "failed"].includes(last.state)) {
      events.close(); // or it would ask again
    }
  });
  events.addEventListener("error", () => {
    const gone = events.readyState === EventSource.CLOSED;
    state("lost", gone ? "no connection to the training; reload this page to try again" : "no connection to the training; trying again");
    at("pause").disabled = at("stop").disabled = true;
  });
})();
