// Starts Swagger UI on the console page. A session cookie needs the form token on every change, so it is sent along.
(() => {
  const token = document.querySelector("input[name='_csrf']")?.value || "";
  SwaggerUIBundle({
    url: document.getElementById("console").dataset.schema,
    dom_id: "#console",
    deepLinking: true,
    docExpansion: "none",
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (request.method && !["GET", "HEAD"].includes(request.method.toUpperCase()) && token) request.headers["X-CSRF-Token"] = token;
      return request;
    },
  });
})();
