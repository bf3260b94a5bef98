// Comfort alone: pages that change while somebody looks at them, and a button that copies the text.
"use strict";

const live = document.querySelector("[data-live]");
let waiting = null;

async function refresh() {
  waiting = null;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
  const shown = document.querySelector("[data-live]");
  if (fresh === null || shown === null || fresh.isEqualNode(shown)) return;
  shown.replaceWith(document.adoptNode(fresh));
  addCopyButton();
}

function concerns(event) {
  const { series } = document.querySelector("[data-live]").dataset;
  return series === undefined || JSON.parse(event.data).shownId === series;
}

function watch() {
  const events = new EventSource("/events");
  events.addEventListener("series", (event) => {
    if (waiting === null && concerns(event)) waiting = setTimeout(refresh, 100);
  });
}

function addCopyButton() {
  const link = document.querySelector("[data-copy]");
  if (link === null || navigator.clipboard === undefined) return;
  const button = document.createElement("button");
  button.textContent = "Copy as text";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(await (await fetch(link.href)).text());
    button.textContent = "Copied";
  });
  link.after(" ", button);
}

if (live !== null) watch();
addCopyButton();
