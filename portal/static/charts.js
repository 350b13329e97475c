// Draws every element with data-chart from the JSON at that address. Colours come from the style sheet, so a chart follows the theme.
//
//   {"kind": "line|bar|stacked", "x": [...], "unit": "kWh", "series": [{"name", "values", "style": "solid|dashed|area|muted", "tone"}]}
//   {"kind": "donut", "unit", "values": [{"name", "value", "tone"}]}
//   {"kind": "gauge", "value", "min", "max", "unit", "bands": [{"to", "tone"}]}
//   {"kind": "waterfall", "unit", "start": {"name", "value"}, "steps": [{"name", "value"}], "end": {"name", "value"}}
//   {"kind": "map", "svg": "/address.svg", "format": "percent|number", "unit", "values": [{"name", "label", "value", "link"}]}
(() => {
  const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const drawn = new Map();
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const toned = (tone, index) => (tone ? token(`--${tone}-solid`) : token(`--chart-${(index % 6) + 1}`));
  const language = document.documentElement.lang;
  const figure = (value, format) => value === null || value === undefined ? "—"
    : format === "percent" ? new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(value)
    : new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(value);
  const withUnit = (data) => (value) => figure(value, data.format) + (data.unit ? ` ${data.unit}` : "");

  const inside = { outerBoundsMode: "same", outerBoundsContain: "axisLabel" };

  const base = (data) => ({
    animation: !reduced,
    animationDuration: 400,
    aria: { enabled: true },
    textStyle: { fontFamily: token("--sans"), color: token("--ink-second") },
    tooltip: {
      confine: true, backgroundColor: token("--surface-raised"), borderColor: token("--line"), borderWidth: 1, padding: [8, 12],
      textStyle: { color: token("--ink"), fontSize: 13 }, extraCssText: "box-shadow: var(--shadow-raised); border-radius: 8px",
      valueFormatter: withUnit(data),
    },
  });
  const axes = (data) => ({
    grid: { left: 4, right: 12, top: data.series && data.series.length > 1 ? 40 : data.unit ? 28 : 12, bottom: 4, ...inside },
    legend: data.series && data.series.length > 1
      ? { top: 0, right: 0, itemGap: 18, itemWidth: 18, icon: "roundRect", itemHeight: 3, textStyle: { color: token("--ink-second"), fontSize: 13 } } : undefined,
    xAxis: {
      type: "category", data: data.x, axisTick: { show: false }, axisLine: { lineStyle: { color: token("--line") } },
      axisLabel: { color: token("--ink-third"), fontSize: 12, hideOverlap: true },
    },
    yAxis: {
      type: "value", name: data.unit || "", nameTextStyle: { color: token("--ink-third"), fontSize: 12, align: "left", padding: [0, 0, 0, -24] },
      nameGap: 14, splitNumber: 4, axisLabel: { color: token("--ink-third"), fontSize: 12, formatter: (value) => figure(value, data.format) },
      splitLine: { lineStyle: { color: token("--line") } },
    },
  });

  const kinds = {
    line: (data) => ({
      ...base(data), ...axes(data),
      tooltip: { ...base(data).tooltip, trigger: "axis" },
      xAxis: { ...axes(data).xAxis, boundaryGap: false },
      series: data.series.map((one, index) => {
        const colour = one.style === "muted" ? token("--ink-third") : toned(one.tone, index);
        return {
          type: "line", name: one.name, data: one.values, showSymbol: data.x.length < 3, symbolSize: 6, color: colour,
          lineStyle: { width: one.style === "dashed" || one.style === "muted" ? 1.75 : 2.25, type: one.style === "dashed" || one.style === "muted" ? [5, 4] : "solid" },
          areaStyle: one.style === "area" ? { opacity: 0.1 } : undefined, connectNulls: false,
        };
      }),
    }),
    bar: (data, stacked = false) => ({
      ...base(data), ...axes(data),
      tooltip: { ...base(data).tooltip, trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: token("--neutral-tint"), opacity: 0.6 } } },
      series: data.series.map((one, index) => ({
        type: "bar", name: one.name, data: one.values, color: toned(one.tone, index), stack: stacked ? "all" : undefined,
        barMaxWidth: 26, barGap: "15%", itemStyle: { borderRadius: stacked ? 0 : [4, 4, 0, 0] },
      })),
    }),
    stacked: (data) => kinds.bar(data, true),
    donut: (data) => ({
      ...base(data),
      tooltip: { ...base(data).tooltip, trigger: "item" },
      legend: { orient: "vertical", right: 0, top: "middle", icon: "circle", itemWidth: 9, itemHeight: 9, textStyle: { color: token("--ink-second"), fontSize: 13 } },
      series: [{
        type: "pie", radius: ["56%", "82%"], center: ["32%", "50%"], label: { show: false },
        itemStyle: { borderColor: token("--surface"), borderWidth: 2 },
        data: data.values.map((one, index) => ({ name: one.name, value: one.value, itemStyle: { color: toned(one.tone, index) } })),
      }],
    }),
    gauge: (data) => ({
      ...base(data),
      series: [{
        type: "gauge", min: data.min, max: data.max, startAngle: 205, endAngle: -25, radius: "100%", center: ["50%", "60%"],
        axisLine: { lineStyle: { width: 12, color: (data.bands || [{ to: data.max, tone: "accent" }]).map((band) =>
          [(band.to - data.min) / (data.max - data.min), token(`--${band.tone}-solid`)]) } },
        pointer: { length: "58%", width: 5, itemStyle: { color: token("--ink") } },
        anchor: { show: true, size: 11, itemStyle: { color: token("--ink") } },
        axisTick: { show: false }, splitLine: { show: false }, splitNumber: 1,
        axisLabel: { distance: -32, color: token("--ink-third"), fontSize: 12, formatter: (value) => figure(value, data.format) },
        detail: { offsetCenter: [0, "32%"], fontSize: 30, fontWeight: 650, color: token("--ink"), formatter: (value) => figure(value, data.format) },
        data: [{ value: data.value, name: data.unit || "" }], title: { offsetCenter: [0, "54%"], color: token("--ink-third"), fontSize: 13 },
      }],
    }),
    waterfall: (data) => {
      const rows = [{ ...data.start, total: true }, ...data.steps, { ...data.end, total: true }];
      let level = 0;
      const bars = rows.map((row) => {
        const from = row.total ? 0 : level;
        level = row.total ? row.value : level + row.value;
        return { from, to: level, row };
      });
      const lows = bars.slice(1, -1).flatMap((bar) => [bar.from, bar.to]).concat(data.start.value, data.end.value);
      const low = Math.min(...lows), span = Math.max(...lows) - low;
      const floor = data.zero || low - span < 0 ? Math.min(0, low) : Math.floor((low - span * 0.5) / 10) * 10;
      return {
        ...base(data),
        tooltip: { ...base(data).tooltip, trigger: "item", formatter: (point) => {
          const { row } = bars[point.dataIndex];
          return `${echarts.format.encodeHTML(row.name)}<br><b>${row.total || row.value < 0 ? "" : "+"}${withUnit(data)(row.value)}</b>`;
        } },
        grid: { left: 4, right: 56, top: 4, bottom: 4, ...inside },
        xAxis: { type: "value", min: floor, axisLabel: { color: token("--ink-third"), fontSize: 12 }, splitLine: { lineStyle: { color: token("--line") } } },
        yAxis: { type: "category", inverse: true, data: rows.map((row) => row.name), axisTick: { show: false }, axisLine: { show: false },
          axisLabel: { color: token("--ink-second"), fontSize: 13, width: 170, overflow: "truncate" } },
        series: [
          { type: "bar", stack: "all", silent: true, itemStyle: { color: "transparent" }, data: bars.map((bar) => bar.row.total ? 0 : Math.min(bar.from, bar.to)) },
          { type: "bar", stack: "all", barMaxWidth: 20, data: bars.map((bar) => ({
            value: bar.row.total ? bar.to : Math.abs(bar.to - bar.from),
            itemStyle: { borderRadius: 3, color: token(bar.row.total ? "--accent-solid" : bar.row.value < 0 ? "--bad-solid" : "--ok-solid") },
            label: { show: true, position: "right", color: token("--ink-second"), fontSize: 12,
              formatter: () => (bar.row.total || bar.row.value < 0 ? "" : "+") + figure(bar.row.value) },
          })) },
        ],
      };
    },
    map: (data) => ({
      ...base(data),
      tooltip: { ...base(data).tooltip, formatter: (point) => `${echarts.format.encodeHTML(point.data?.label || point.name)}<br><b>${withUnit(data)(point.value)}</b>` },
      visualMap: {
        min: data.min ?? 0, max: data.max ?? Math.max(...data.values.map((one) => one.value ?? 0), 0.01), orient: "horizontal", left: 0, bottom: 0, itemWidth: 10, itemHeight: 110,
        inRange: { color: [token("--accent-tint"), token("--accent-solid")] }, textStyle: { color: token("--ink-second"), fontSize: 12 },
        text: [figure(data.max ?? Math.max(...data.values.map((one) => one.value ?? 0)), data.format), figure(data.min ?? 0, data.format)],
      },
      series: [{
        type: "map", map: data.svg, top: 4, bottom: 44, selectedMode: false,
        label: { show: true, fontWeight: 600, fontSize: 12, color: token("--ink"), textBorderColor: token("--surface"), textBorderWidth: 3, formatter: (point) => point.data?.label || point.name },
        emphasis: { itemStyle: { areaColor: token("--warn-line") }, label: { color: token("--ink") } },
        itemStyle: { borderColor: token("--surface"), areaColor: token("--neutral-tint") },
        data: data.values,
      }],
    }),
  };

  const draw = (element, data) => {
    echarts.getInstanceByDom(element)?.dispose();
    const instance = echarts.init(element, null, { renderer: "svg" });
    instance.setOption(kinds[data.kind](data));
    instance.on("click", (point) => { if (point.data?.link?.startsWith("/")) location.assign(point.data.link); });
  };
  const resized = new ResizeObserver((changes) => {
    for (const change of changes) echarts.getInstanceByDom(change.target)?.resize();
  });
  const load = async (element) => {
    try {
      const answer = await fetch(element.dataset.chart, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const data = await answer.json();
      data.kind = data.kind || element.dataset.kind;
      if (data.kind === "map" && !echarts.getMap(data.svg)) {
        echarts.registerMap(data.svg, { svg: await (await fetch(data.svg, { credentials: "same-origin" })).text() });
      }
      await document.fonts.ready; // labels are measured once, so the font must be there
      draw(element, data);
      drawn.set(element, data);
      resized.observe(element);
    } catch {
      element.style.height = "auto";
      element.textContent = element.dataset.failed;
      element.closest("figure")?.querySelector("details")?.setAttribute("open", "");
    }
  };
  const start = (root) => root.querySelectorAll("[data-chart]").forEach((element) => drawn.has(element) || load(element));
  addEventListener("themechange", () => drawn.forEach((data, element) => element.isConnected ? draw(element, data) : drawn.delete(element)));
  document.addEventListener("htmx:afterSwap", (event) => start(event.target));
  start(document);
})();
