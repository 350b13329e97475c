// Starts Swagger UI on the console page. A session cookie needs the form token on every change, so it is sent along.
(() => {
  const place = document.getElementById("console");
  const token = document.querySelector("input[name='_csrf']")?.value || "";

  // Swagger UI's own layout brings a second <main> into the page; this one does not, and leaves out the list of servers, which is always us.
  const HouseLayout = (system) => ({
    components: {
      HouseLayout: ({ getComponent, specSelectors, errSelectors }) => {
        const make = system.React.createElement;
        const part = (name, container) => getComponent(name, container);
        if (specSelectors.loadingStatus() === "failed" || errSelectors.lastError()) return make("div", { className: "swagger-ui" }, make(part("errors", true)));
        if (specSelectors.loadingStatus() !== "success") return make("div", { className: "swagger-ui" }, "…");
        return make("div", { className: "swagger-ui" },
          make(part("SvgAssets")),
          make("div", { className: "console-head" }, make(part("AuthorizeBtnContainer", true))),
          make(part("operations", true)),
          make(part("Models", true)),
        );
      },
    },
  });

  // Names for unnamed fields, levels for skipped headings, and a way by keyboard into boxes that scroll.
  const mend = () => {
    for (const input of place.querySelectorAll("select:not([aria-label]), input:not([aria-label]), textarea:not([aria-label])")) {
      input.setAttribute("aria-label", input.placeholder || input.id || input.name || place.dataset.field);
    }
    for (const head of place.querySelectorAll("h3.opblock-tag, .models h3, .models h4")) {
      head.setAttribute("role", "heading");
      head.setAttribute("aria-level", "2");
    }
    for (const box of place.querySelectorAll("pre, .highlight-code, .model-box")) {
      if (box.tabIndex < 0 && box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    }
  };
  new MutationObserver(mend).observe(place, { childList: true, subtree: true });

  SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    plugins: [HouseLayout],
    layout: "HouseLayout",
    deepLinking: true,
    docExpansion: "none",
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (request.method && !["GET", "HEAD"].includes(request.method.toUpperCase()) && token) request.headers["X-CSRF-Token"] = token;
      return request;
    },
  });
})();
