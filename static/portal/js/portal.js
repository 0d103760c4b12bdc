// What a page does beyond HTML. Every page works without this file, only less smoothly.
//
// One module, no build, no inline code (the content security policy forbids it). Markup asks for
// behaviour by data attributes; listeners sit on the document, so that whatever htmx swaps in is
// served as well. htmx 4 events: https://four.htmx.org/reference/#events

const words = document.getElementById("words")?.dataset ?? {};

/** Runs `act` for every element under `root` (itself included) that matches. */
function each(root, selector, act) {
  if (root.matches?.(selector)) act(root);
  for (const element of root.querySelectorAll(selector)) act(element);
}

/** Listens on the document for events from elements that match, now or later. */
function on(type, selector, act) {
  document.addEventListener(type, (event) => {
    const element = event.target.closest?.(selector);
    if (element) act(element, event);
  });
}

// -- what has to be prepared, on the page and in every fragment -----------------------------------

// The page's language in the reader's own variety: en-GB writes a date otherwise than en-US.
const written = document.documentElement.lang || "en";
const language = navigator.languages.find((own) => own.startsWith(written)) ?? written;
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });

/** Writes a moment in the reader's zone and keeps the UTC text at hand. A day has no zone. */
function localise(time) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.valueOf()) || time.title) return;
  time.title = time.textContent.trim();
  time.textContent = (time.dataset.utc === "date" ? day : moment).format(at);
}

function prepare(root) {
  each(root, "time[data-utc]", localise);
  each(root, "[data-copy], [data-dismiss], [data-theme-switch]", (part) => (part.hidden = false));
}

// -- theme ------------------------------------------------------------------------------------------

function showTheme() {
  const chosen = document.documentElement.dataset.theme ?? "system";
  each(document, `[data-theme-switch] input[value="${chosen}"]`, (input) => (input.checked = true));
}

on("change", "[data-theme-switch] input", (input) => {
  if (input.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = input.value;
  try {
    if (input.value === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", input.value);
  } catch {
    // storage is shut: the choice lasts as long as the page
  }
});

// -- menus: <details data-menu> -----------------------------------------------------------------------

const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled])";

document.addEventListener("click", (event) => {
  each(document, "details[data-menu][open]", (menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener("focusin", (event) => {
  each(document, "details[data-menu][open]", (menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

on("keydown", "details[data-menu]", (menu, event) => {
  const entries = [...menu.querySelectorAll(FOCUSABLE)];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (step && event.target.type !== "radio") {
    event.preventDefault();
    menu.open = true;
    const at = entries.indexOf(document.activeElement);
    const next = at < 0 && step < 0 ? entries.length - 1 : at + step;
    entries.at(next % entries.length)?.focus();
  }
});

// -- dialogs: data-opens="<id>" and data-closes ---------------------------------------------------------

on("click", "[data-opens]", (button) => document.getElementById(button.dataset.opens)?.showModal());
on("click", "[data-closes]", (button) => button.closest("dialog")?.close());

/** Asks `question` in the page's own dialog; resolves to true or false. */
function confirmed(question) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("[data-question]").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }),
  );
}

document.addEventListener("htmx:confirm", async (event) => {
  event.preventDefault();
  const { ctx, issueRequest, dropRequest } = event.detail;
  if (await confirmed(ctx.confirm)) issueRequest();
  else dropRequest();
});

on("submit", "form[data-confirm]", async (form, event) => {
  if (form.dataset.answered) return;
  event.preventDefault();
  if (!(await confirmed(form.dataset.confirm))) return;
  form.dataset.answered = "yes";
  form.requestSubmit(event.submitter);
});

// -- copying and dismissing -------------------------------------------------------------------------------

on("click", "[data-copy]", async (button) => {
  await navigator.clipboard.writeText(button.dataset.copy);
  button.dataset.copied = "";
  toast(words.copied, "ok");
  setTimeout(() => delete button.dataset.copied, 2000);
});

on("click", "[data-dismiss]", (button) => button.closest("[data-dismissible]")?.remove());

/** A line in the corner, read out politely. */
function toast(text, tone) {
  const notice = document.createElement("div");
  notice.className = `notice tone-${tone}`;
  const body = document.createElement("p");
  body.className = "notice__body";
  body.textContent = text;
  notice.append(body);
  document.getElementById("toasts")?.append(notice);
  setTimeout(() => notice.remove(), tone === "ok" ? 2500 : 12000);
}

// -- htmx -------------------------------------------------------------------------------------------------

// The CSRF cookie is out of script's reach, so the token comes from the page. htmx is held to its
// own origin by its configuration, so the token cannot leave it.
document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token && !/^(GET|HEAD)$/i.test(request.method)) request.headers["X-CSRFToken"] = token;
});

function saveState(source, state) {
  const form = source.closest?.("[data-autosave]");
  if (!form) return;
  const output = form.querySelector("[data-save-state]") ?? document.querySelector("[data-save-state]");
  if (!output) return;
  output.dataset.state = state;
  output.textContent = output.dataset[state];
}

let focused = null;

document.addEventListener("htmx:before:request", (event) => saveState(event.target, "saving"));

// 422 carries the form back with its errors and is swapped like a success. Any other error is a
// fragment for the corner: the page keeps what the person typed.
document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status === 422) return;
  if (!ctx.hx.retarget && !ctx.hx.redirect) {
    ctx.hx.retarget = "#toasts";
    ctx.hx.reswap = "beforeend";
    ctx.hx.reselect = null;
    ctx.select = null;
    if (/<html|<!doctype/i.test(ctx.text) || !ctx.text.trim()) {
      ctx.hx.reswap = "none";
      toast(words.failed, "stop");
    }
  }
});

document.addEventListener("htmx:error", (event) => {
  saveState(event.target, "failed");
  if (event.detail.ctx && !event.detail.ctx.response) toast(words.unreachable, "stop");
});

document.addEventListener("htmx:finally:request", (event) => {
  const status = event.detail.ctx.response?.status;
  if (status) saveState(event.target, status < 400 || status === 422 ? "saved" : "failed");
});

document.addEventListener("htmx:before:swap", () => (focused = document.activeElement));

// A swap may take away what had the focus (a deleted row): leave the person where they were, not
// at the top of the page. htmx itself keeps the focus on an element whose id survives.
document.addEventListener("htmx:after:swap", (event) => {
  const lost = focused && focused !== document.body && !focused.isConnected;
  if (!lost || document.activeElement !== document.body) return;
  const target = event.detail.ctx.target;
  const home = (target?.isConnected && target) || document.getElementById("main");
  if (!home.hasAttribute("tabindex")) home.tabIndex = -1;
  home.focus({ preventScroll: true });
});

document.addEventListener("htmx:after:process", (event) => prepare(event.target));

prepare(document);
showTheme();
