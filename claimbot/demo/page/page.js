"use strict";
const $ = (id) => document.getElementById(id), phones = new Map();
let all = { bot: "", samples: [] }, ahead = 0, zone = "UTC", shown = null;
const post = (deed, body = {}) => fetch("/page/" + deed, { method: "POST", body: JSON.stringify(body) });
function el(tag, text = "", act = null, id = "") {
  const e = document.createElement(tag); e.textContent = text;
  if (act) e.onclick = act; if (id) e.dataset.testid = id; return e;
}
function show(p) {
  const id = p.person.id, zh = p.person.language_code.startsWith("zh"), t = (a, b) => (zh ? a : b), who = { user_id: id };
  let box = phones.get(id);
  if (!box) {
    box = el("section", "", null, "phone-" + id); box.className = "phone";
    box.head = el("div"); box.log = el("div"); box.log.className = "log"; box.foot = el("div");
    box.input = el("textarea", "", null, "composer"); box.append(box.head, box.log, box.foot);
    phones.set(id, box); $("phones").append(box);
    $("tabs").append(el("button", p.person.first_name, () => pick(id))); if (shown === null) pick(id);
  }
  const send = () => { if (box.input.value.trim()) post("say", { ...who, text: box.input.value }); box.input.value = ""; };
  box.input.onkeydown = (e) => { if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); send(); } };
  const blocked = p.person.blocked;
  box.head.replaceChildren(el("b", [p.person.first_name, p.person.role].join(" ")),
    el("button", "中文", () => post("language", { ...who, language: "zh" })), el("button", "EN", () => post("language", { ...who, language: "en" })),
    el("button", blocked ? t("解除屏蔽", "Unblock") : t("屏蔽", "Block"), () => post(blocked ? "unblock" : "block", who)));
  box.log.replaceChildren(...p.messages.map((m) => {
    const b = el("div", "", null, "message"); b.className = m.from_bot ? "m bot" : "m";
    if (m.photo) { const i = el("img"); i.src = "/page/file/" + encodeURIComponent(m.photo.at(-1).file_id); b.append(i); }
    if (m.document) { const a = el("a", "📄 " + m.document.file_name); a.href = "/page/file/" + encodeURIComponent(m.document.file_id); b.append(a); }
    const words = el("span"); words.innerHTML = m.html; b.append(words); // escaped by the server
    for (const row of m.reply_markup?.inline_keyboard ?? []) {
      const r = el("div"); r.className = "row";
      for (const k of row) r.append(el("button", k.text, () => (k.url ? open_(k.url) : post("tap", { ...who, message_id: m.message_id, data: k.callback_data })), "inline-button"));
      b.append(r);
    }
    if (!m.from_bot && m.text) b.ondblclick = () => { const x = prompt(t("修改", "Edit"), m.text); if (x) post("edit", { ...who, message_id: m.message_id, text: x }); };
    return b;
  }));
  box.log.scrollTop = box.log.scrollHeight;
  const menu = (name, items, act) => { const s = el("select"); s.append(new Option(name, "")); for (const [v, n] of items) s.append(new Option(n, v)); s.onchange = () => { if (s.value) act(s.value); s.value = ""; }; return s; };
  const file = (as) => { const i = el("input"); i.type = "file"; i.multiple = true; i.onchange = () => { const f = new FormData(); f.append("user_id", id); f.append("as", as); for (const x of i.files) f.append("file", x); fetch("/page/upload", { method: "POST", body: f }); }; i.click(); };
  const typing = document.activeElement === box.input;
  box.foot.replaceChildren(box.input, el("button", t("发送", "Send"), send, "send"),
    menu("/", p.commands.map((c) => ["/" + c.command, "/" + c.command + " " + c.description]), (v) => post("say", { ...who, text: v })),
    el("button", t("照片", "Photos"), () => file("photo")), el("button", t("文件", "File"), () => file("file")),
    menu(t("样张", "Sample"), all.samples.map((s) => [s, s]), (v) => post("sample", { ...who, slot: v })),
    el("button", t("用示例回答", "Answer with the example"), () => post("example", who), "example"));
  if (typing) box.input.focus();
}
function pick(id) { shown = id; for (const [k, b] of phones) b.classList.toggle("on", k === id); }
function open_(url) {
  const u = new URL(url), start = u.searchParams.get("start");
  if (u.hostname !== "t.me" || start === null) return void window.open(url, "_blank", "noopener");
  const to = prompt("手机 / phone: " + [...phones.keys()].join(", ") + ", new", "new");
  if (to === "new") post("phone", { language: "zh", start }); else if (to) post("say", { user_id: +to, text: "/start " + start });
}
document.addEventListener("click", (e) => { const a = e.target.closest?.(".m a[href^='https://t.me/']"); if (a) { e.preventDefault(); open_(a.href); } });
for (const b of document.querySelectorAll("[data-skip]")) b.onclick = () => post("skip-" + b.dataset.skip);
$("add").onclick = () => post("phone", { language: "zh" });
const clock = (c) => { ahead = c.now - Date.now(); zone = c.zone; };
setInterval(() => { $("clock").textContent = new Date(Date.now() + ahead).toLocaleString("zh-CN", { timeZone: zone }); }, 500);
const line = new EventSource("/page/events"), on = (n, f) => line.addEventListener(n, (e) => f(JSON.parse(e.data)));
on("all", (a) => { all = a; clock(a.clock); a.phones.forEach(show); }); on("phone", show); on("clock", clock);
on("answer", (a) => { if (a.text) { const m = el("div", a.text); m.className = "m bot"; phones.get(a.user_id)?.log.append(m); } });
