// What the page does beside htmx: it says so when the desk no longer answers, and stops saying so when it does.

"use strict";

let answered = new Date();

function show(reached) {
  if (reached) {
    answered = new Date();
  } else {
    document.getElementById("lost-since").textContent = answered.toLocaleTimeString("en-GB");
  }
  document.getElementById("lost").hidden = reached;
  document.documentElement.classList.toggle("is-lost", !reached);
}

document.addEventListener("htmx:afterRequest", (event) => {
  const status = event.detail.xhr.status;
  show(status >= 200 && status < 400);
});
