// Draws <div data-chart="id-of-json"> with ECharts; only bars and lines are in the bundle.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, AriaComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const drawn = new Map();
const seen = new Set(); // what moved in once does not move again with each new figure

function colour(name, otherwise) {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.className = name;
  document.body.append(probe);
  const found = getComputedStyle(probe).color || otherwise;
  probe.remove();
  return found;
}

function themed(option, animation = false) {
  const text = colour("chart-text", "#555");
  const line = colour("chart-line", "#ddd");
  const surface = colour("chart-surface", "#fff");
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const axis = (given) => ({
    ...given,
    axisLabel: {
      color: text,
      hideOverlap: true,
      ...(given.type === "value" ? { formatter: (value) => number.format(value) } : {}),
      ...given.axisLabel,
    },
    axisLine: { lineStyle: { color: line } },
    splitLine: { lineStyle: { color: line } },
    nameTextStyle: { color: text },
  });
  return {
    ...option,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    legend: option.legend && { ...option.legend, textStyle: { color: text } },
    xAxis: axis(option.xAxis),
    yAxis: axis(option.yAxis),
    // Rich text: an HTML tooltip would need inline styles, which the Content-Security-Policy refuses.
    tooltip: {
      ...option.tooltip,
      renderMode: "richText",
      backgroundColor: surface,
      borderColor: line,
      textStyle: { color: text },
      valueFormatter: (value) => (value == null ? "–" : number.format(value)),
    },
    animation,
  };
}

function draw(root) {
  root.querySelectorAll("[data-chart]").forEach((box) => {
    if (drawn.has(box)) return;
    const option = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const chart = init(box);
    const still = seen.has(box.dataset.chart) || matchMedia("(prefers-reduced-motion: reduce)").matches;
    chart.setOption(themed(option, !still));
    seen.add(box.dataset.chart);
    drawn.set(box, { chart, option });
    new ResizeObserver(() => chart.resize()).observe(box);
  });
}

function forget() {
  drawn.forEach(({ chart }, box) => {
    if (box.isConnected) return;
    chart.dispose();
    drawn.delete(box);
  });
}

draw(document);
document.addEventListener("htmx:afterSwap", () => {
  forget();
  draw(document);
});
document.addEventListener("hirnok:theme", () => {
  drawn.forEach(({ chart, option }) => chart.setOption(themed(option)));
});
