"use strict";
// The phones. Everything people or the bot wrote goes in as text nodes; nothing is ever parsed as HTML here.

const WORDS = {
  zh: {
    tagline: "本机演示", online: "在线", typing: "正在输入…", blocked: "已屏蔽机器人", send: "发送", message: "消息", attach: "附件",
    commands: "命令菜单", noCommands: "机器人还没有设置命令", example: "✨ 用示例回答", noExample: "现在没有可以用示例回答的问题", start: "开始",
    begin: "点“开始”与机器人对话", block: "屏蔽机器人", unblock: "解除屏蔽并重新开始", more: "更多", editing: "修改消息", cancel: "取消", ok: "好",
    edit: "修改", edited: "已修改", photos: "照片", file: "文件", sample: "样张", location: "位置", contact: "名片", voice: "语音", sticker: "贴纸",
    animation: "动图", video: "视频", back: "返回", asAlbum: "作为一组发送", separately: "分开发送", several: (n) => `发送 ${n} 张照片`,
    skipping: "快进", hour: "1 小时", morning: "明早 08:30", week: "7 天", addPhone: "手机", other: "EN", theirName: "这个人叫什么名字？", name: "名字",
    theirLanguage: "手机语言",
    openLink: "用哪部手机打开这个链接？", newPhone: "新手机", add: "添加", offline: "与演示服务的连接断开了，正在重连…", skip: "快进演示的时钟",
    help: "每一栏是一个人的手机。像平时聊天一样打字、点按钮、发照片；“用示例回答”替你答这一步；快进时钟可以看到提醒。",
    failed: "没有成功：", noPicture: "这不是能作为照片发送的图片，可以当文件发送。", today: "今天", photo: "照片", album: "相册", language: "语言",
    roles: { technician: "技师", clerk: "索赔员", supervisor: "索赔主管", administrator: "管理员", guest: "新手机" },
    slots: { vin_plate: "车架号铭牌", odometer: "里程表", fault_code_screen: "故障码界面", fault_in_place: "故障部位（未拆）", failed_part: "故障件",
      part_label: "零件标签", new_part: "新件装车", old_part_tag: "旧件及吊牌", battery_readout: "电池数据界面",
      damage_overview: "受损部位全景", paint_gauge: "漆膜厚度读数", generic: "普通照片" },
  },
  en: {
    tagline: "demo on this machine", online: "online", typing: "typing…", blocked: "blocked the bot", send: "Send", message: "Message", attach: "Attach",
    commands: "Commands", noCommands: "The bot has set no commands yet", example: "✨ Answer with the example", noExample: "There is no question to answer with an example now",
    start: "Start", begin: "Tap Start to talk to the bot", block: "Block the bot", unblock: "Unblock and start again", more: "More", editing: "Edit message",
    cancel: "Cancel", ok: "OK", edit: "Edit", edited: "edited", photos: "Photos", file: "File", sample: "Sample photo", location: "Location", contact: "Contact",
    voice: "Voice", sticker: "Sticker", animation: "GIF", video: "Video", back: "Back", asAlbum: "Send as an album", separately: "Send separately",
    several: (n) => `Send ${n} photos`, skipping: "Skip", hour: "1 hour", morning: "tomorrow 08:30", week: "7 days", addPhone: "Phone", other: "中文",
    theirLanguage: "Language of the phone",
    theirName: "What is this person called?", name: "Name", openLink: "Open this link on which phone?", newPhone: "New phone", add: "Add",
    offline: "The connection to the demo is lost; trying again…", skip: "Move the demo's clock",
    help: "Each column is one person's phone. Type, tap and send photos as in any chat; “Answer with the example” takes the step for you; move the clock to watch reminders.",
    failed: "That did not work: ", noPicture: "This cannot be sent as a photo; send it as a file.", today: "Today", photo: "Photo", album: "Album", language: "Language",
    roles: { technician: "Technician", clerk: "Clerk", supervisor: "Supervisor", administrator: "Administrator", guest: "New phone" },
    slots: { vin_plate: "VIN plate", odometer: "Odometer", fault_code_screen: "Fault-code screen", fault_in_place: "Fault in place", failed_part: "Failed part",
      part_label: "Part label", new_part: "New part fitted", old_part_tag: "Old part with tag", battery_readout: "Battery readout", damage_overview: "Damage overview", paint_gauge: "Paint gauge reading", generic: "Any photo" },
  },
};
const COLOURS = ["#0b7285", "#a3542c", "#5b4b9a", "#2f7d4f", "#9b3b62", "#3c5a99", "#7a6a1f"];
const ICONS = {
  attach: "M21 11.5 12.4 20a5.5 5.5 0 0 1-7.8-7.8l8.6-8.5a3.7 3.7 0 0 1 5.2 5.2L9.8 17.4a1.8 1.8 0 0 1-2.6-2.6l7.9-7.8",
  slash: "M14.5 4 9.5 20", send: "M3 20.5 21.5 12 3 3.5l.01 6.6L15 12 3.01 13.9z", more: "M5 12h.01M12 12h.01M19 12h.01",
};
const ATTACHMENTS = [["location", "📍"], ["contact", "👤"], ["voice", "🎤"], ["sticker", "👍"], ["animation", "🎞"], ["video", "🎬"]];

const NARROW = matchMedia("(max-width: 800px)"); // as in page.css
const $ = (id) => document.getElementById(id);
const phones = new Map();
let demo = { bot: "", samples: [], example: false };
let ahead = 0;
let zone = "UTC";
let shown = null;
let wanted = null; // a phone that was just added, until it is there
const IN_VIEW = new IntersectionObserver((told) => {
  for (const one of told) [...phones.values()].find((phone) => phone.root === one.target)?.look(one.isIntersecting);
}, { threshold: 0.55 });
let pageLanguage = recall("language") || (navigator.language.startsWith("zh") ? "zh" : "en");

function recall(key) { try { return localStorage.getItem("demo-" + key); } catch { return null; } }
function keep(key, value) { try { localStorage.setItem("demo-" + key, value); } catch { /* private windows keep nothing */ } }

function el(tag, { id = "", text = "", label = "", click = null, ...rest } = {}, ...inside) {
  const made = document.createElement(tag);
  if (tag === "button") made.type = "button";
  if (id) made.dataset.testid = id;
  if (text) made.textContent = text;
  if (label) { made.setAttribute("aria-label", label); made.title = label; }
  if (click) made.addEventListener("click", click);
  for (const [name, value] of Object.entries(rest)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "className") made.className = value; else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inside);
  return made;
}
function icon(name) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  made.setAttribute("viewBox", "0 0 24 24"); made.setAttribute("aria-hidden", "true"); path.setAttribute("d", ICONS[name]);
  if (name === "more") path.setAttribute("stroke-width", "3.2");
  made.append(path);
  return made;
}
async function post(deed, body = {}) {
  const isForm = body instanceof FormData;
  const answer = await fetch("/page/" + deed, { method: "POST", body: isForm ? body : JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

// ---- words with their marks

const SHOWN_AS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote", expandable_blockquote: "blockquote" };

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

/** A fragment of `text` from `begin` to `end`; offsets are UTF-16 units, as JavaScript's own. */
function marked(text, entities, phone, begin = 0, end = text.length) {
  const out = document.createDocumentFragment();
  let at = begin;
  let left = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  while (left.length) {
    const [first, ...rest] = left;
    const start = Math.max(first.offset, at);
    const stop = Math.min(first.offset + first.length, end);
    if (stop <= start) { left = rest; continue; }
    out.append(text.slice(at, start));
    const inner = marked(text, rest.filter((one) => one.offset < stop), phone, start, stop);
    out.append(wrapped(first, inner, text.slice(start, stop), phone));
    at = stop;
    if (BLOCKS.has(first.type) && text[at] === "\n" && at < end) at += 1; // a block breaks the line by itself
    left = rest.filter((one) => one.offset + one.length > stop);
  }
  out.append(text.slice(at, end));
  return out;
}
function wrapped(entity, inner, words, phone) {
  if (entity.type === "expandable_blockquote") { // three lines, and all of it on a tap, as Telegram shows it
    return el("blockquote", { className: "folded", click: (event) => event.currentTarget.classList.toggle("open") }, inner);
  }
  if (SHOWN_AS[entity.type]) return el(SHOWN_AS[entity.type], {}, inner);
  if (entity.type === "spoiler") return el("span", { className: "spoiler", click: (event) => event.currentTarget.classList.add("open") }, inner);
  if (entity.type === "bot_command") return el("button", { className: "link", click: () => phone.say(words) }, inner);
  if (entity.type === "url" || entity.type === "text_link") {
    const raw = entity.url || words;
    const url = /^[a-z]+:/i.test(raw) ? raw : "https://" + raw;
    if (/^(https?|tg|mailto):/i.test(url)) {
      return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", click: (event) => { if (deepLink(url)) event.preventDefault(); } }, inner);
    }
  }
  return inner;
}

/** Opens a link to this bot on a phone of the page; false when it is another link. */
function deepLink(url) {
  let start = null;
  try {
    const link = new URL(url);
    const name = link.protocol === "tg:" ? link.searchParams.get("domain") : /(^|\.)(t|telegram)\.me$/.test(link.hostname) ? link.pathname.slice(1) : "";
    if (name.toLowerCase() !== demo.bot.toLowerCase()) return false;
    start = link.searchParams.get("start") || "";
  } catch { return false; }
  const words = WORDS[pageLanguage];
  const choose = (phone) => { closeDialog(); show(phone.id); phone.say(`/start ${start}`.trim()); };
  openDialog(words.openLink, "", [
    ...[...phones.values()].map((phone) => el("button", { id: "choose-phone", text: phone.title, "data-user-id": phone.id, click: () => choose(phone) })),
    el("button", { id: "choose-phone", text: "+ " + words.newPhone, "data-user-id": "new", click: () => newPhone(start) }),
  ]);
  return true;
}

// ---- dialogs

function openDialog(title, words, choices, ends = []) {
  const dialog = $("dialog");
  const cancel = el("button", { id: "dialog-cancel", text: WORDS[pageLanguage].cancel, click: closeDialog });
  dialog.replaceChildren(el("h2", { text: title }));
  if (words) dialog.append(el("p", { text: words }));
  dialog.append(el("div", { className: "choices" }, ...choices), el("div", { className: "ends" }, ...(ends.length ? ends : [cancel])));
  if (!dialog.open) dialog.showModal();
}
function closeDialog() { $("dialog").close(); }
function newPhone(start = null) {
  const words = WORDS[pageLanguage];
  const field = el("input", { id: "dialog-field", placeholder: words.name, maxlength: 64, "aria-label": words.name });
  const languages = [["zh", "中文"], ["en", "English"]].map(([language, text]) => {
    const choice = el("input", { id: "dialog-language-" + language, type: "radio", name: "language", value: language });
    choice.checked = language === pageLanguage;
    return el("label", {}, choice, el("span", { text }));
  });
  const add = async () => {
    const language = $("dialog").querySelector("[name=language]:checked").value;
    const made = await post("phone", { first_name: field.value, language, ...(start === null ? {} : { start }) });
    closeDialog();
    wanted = made.user_id;
    show(wanted);
  };
  field.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing) add(); });
  openDialog(words.theirName, "", [field, el("div", { className: "either", role: "radiogroup", "aria-label": words.theirLanguage }, ...languages)], [
    el("button", { id: "dialog-cancel", text: words.cancel, click: closeDialog }),
    el("button", { id: "dialog-ok", className: "main", text: words.add, click: add }),
  ]);
  field.focus();
}
function openPhoto(source, label) {
  const picture = $("lightbox").querySelector("img");
  picture.src = source;
  picture.alt = label;
  $("lightbox").showModal();
}

// ---- one phone

class Phone {
  constructor(id) {
    this.id = id;
    this.nodes = new Map();
    this.waiting = new Map();
    this.newest = -1;
    this.news = 0;
    this.edited = null;
    this.panel = "";
    this.build();
  }

  get words() { return WORDS[this.language]; }
  get title() {
    const person = this.state.person;
    const role = this.words.roles[person.role] || person.role;
    // isolated: a name that turns the writing round must not turn the role
    return "\u2068" + [person.first_name, person.last_name].filter(Boolean).join(" ") + "\u2069" + (role ? " · " + role : "");
  }

  build() {
    this.head = el("div", { className: "head" });
    this.log = el("div", { className: "log", role: "log", tabindex: "0" });
    this.isStuck = true; // to the newest message, until one scrolls up to read
    this.log.addEventListener("scroll", () => { this.isStuck = this.isLow(); }, { passive: true });
    const follow = () => { if (this.isStuck) this.log.scrollTop = this.log.scrollHeight; };
    this.log.addEventListener("load", follow, true); // a photo has its height only now
    new ResizeObserver(follow).observe(this.log);
    this.dots = el("div", { className: "dots", id: "typing" }, el("i"), el("i"), el("i"));
    this.toasts = el("div", { className: "toasts", role: "status" });
    this.above = el("div", { className: "above" });
    this.input = el("textarea", { id: "composer", rows: 1 });
    this.input.addEventListener("input", () => this.fit());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
      if (event.key === "Escape") this.stopEditing();
    });
    this.attachButton = el("button", { className: "icon", id: "attach", click: () => this.toggle("attach") }, icon("attach"));
    this.commandButton = el("button", { className: "icon", id: "commands", click: () => this.toggle("commands") }, icon("slash"));
    this.sendButton = el("button", { className: "send", id: "send", click: () => this.submit() }, icon("send"));
    this.compose = el("div", { className: "compose" }, this.attachButton, this.commandButton, this.input, this.sendButton);
    this.foot = el("div", { className: "foot-bar" }, this.above, this.compose);
    this.above.style.display = "contents";
    this.root = el("section", { className: "phone", id: "phone-" + this.id }, this.head, this.log, this.toasts, this.foot);
    this.tab = el("button", { id: "tab-" + this.id, role: "tab", click: () => show(this.id) });
    this.seen = false;
    IN_VIEW.observe(this.root);
  }

  /** Whether it stands on the screen: others count what is new on their tab. */
  look(seen) {
    this.seen = seen;
    if (seen) this.news = 0;
    if (this.state) this.drawTab();
  }

  // -- what a person does; a refusal is told on the phone

  async act(deed, body = {}) {
    try { return await post(deed, { user_id: this.id, ...body }); }
    catch (error) { this.failed(error); return null; }
  }
  say(text) { return this.act("say", { text }); }

  submit() {
    const text = this.input.value;
    if (!text.trim()) return;
    if (this.edited) this.act("edit", { message_id: this.edited, text }); else this.say(text);
    this.stopEditing();
    this.input.value = "";
    this.fit();
    this.toggle("");
  }
  fit() {
    this.input.style.height = "38px";
    this.input.style.height = Math.min(this.input.scrollHeight + 2, 120) + "px";
  }
  startEditing(message) {
    this.edited = message.message_id;
    this.input.value = message.text;
    this.fit();
    this.drawAbove();
    this.input.focus();
  }
  stopEditing() {
    if (this.edited === null) return;
    this.edited = null;
    this.input.value = "";
    this.fit();
    this.drawAbove();
  }
  toggle(panel) {
    this.panel = this.panel === panel ? "" : panel;
    this.drawAbove();
  }
  async answerWithExample(button) {
    button.disabled = true;
    const answer = await this.act("example");
    if (answer && !answer.done) this.toast(this.words.noExample);
    setTimeout(() => { button.disabled = false; }, 250);
  }
  async tap(message, key) {
    const name = message.message_id + "|" + key.callback_data;
    this.waiting.set(name, message.message_id);
    this.markWaiting();
    setTimeout(() => { this.waiting.delete(name); this.markWaiting(); }, 20000);
    if (!(await this.act("tap", { message_id: message.message_id, data: key.callback_data }))) this.answered(message.message_id);
  }
  answered(messageId) {
    for (const [name, id] of this.waiting) if (id === messageId) this.waiting.delete(name);
    this.markWaiting();
  }
  markWaiting() {
    for (const button of this.log.querySelectorAll("[data-callback]")) {
      const waits = this.waiting.has(button.dataset.message + "|" + button.dataset.callback);
      button.toggleAttribute("data-waiting", waits);
      button.setAttribute("aria-busy", waits);
    }
  }
  pickFiles(as) {
    const input = el("input", { type: "file", multiple: true, ...(as === "photo" ? { accept: "image/*" } : {}) });
    input.addEventListener("change", () => {
      const files = [...input.files];
      if (as !== "photo" || files.length < 2) return this.upload(files, as);
      const send = (how) => () => { closeDialog(); this.upload(files, how); };
      return openDialog(this.words.several(files.length), "", [
        el("button", { id: "as-album", text: this.words.asAlbum, click: send("photo") }),
        el("button", { id: "separately", text: this.words.separately, click: send("separate") }),
      ]);
    });
    input.click();
  }
  async upload(files, as) {
    if (!files.length) return;
    const form = new FormData();
    form.append("user_id", this.id);
    form.append("as", as);
    const caption = this.edited ? "" : this.input.value.trim();
    if (caption) { form.append("caption", caption); this.input.value = ""; this.fit(); }
    for (const file of files) form.append("file", file, file.name);
    this.toggle("");
    try { await post("upload", form); } catch (error) { this.failed(error); }
  }

  // -- what is told

  failed(error) { this.toast(error.message.includes("IMAGE_PROCESS_FAILED") ? this.words.noPicture : this.words.failed + error.message); }
  toast(text, id = "toast") {
    const one = el("div", { className: "toast", id, text });
    for (const other of [...this.toasts.children]) if (other.textContent === text || this.toasts.children.length > 2) other.remove();
    this.toasts.append(one);
    setTimeout(() => one.remove(), 2500 + text.length * 45);
  }
  answer(told) {
    this.answered(told.message_id);
    this.type(false);
    if (!told.text) return;
    if (told.show_alert) {
      openDialog(this.title, told.text, [], [el("button", { id: "dialog-ok", className: "main", text: this.words.ok, click: closeDialog })]);
    } else this.toast(told.text);
  }
  type(on) {
    clearTimeout(this.typingEnds);
    const status = this.head.querySelector(".status");
    if (status) {
      status.classList.toggle("typing", on);
      status.textContent = on ? this.words.typing : this.state.person.blocked ? this.words.blocked : this.words.online;
    }
    if (on) {
      const low = this.isLow();
      this.log.append(this.dots);
      if (low) this.log.scrollTop = this.log.scrollHeight;
      this.typingEnds = setTimeout(() => this.type(false), 5000);
    } else this.dots.remove();
  }

  /** The bot types from a moment after it was written to, until it answers. */
  wait(waits) {
    if (waits === Boolean(this.waited)) return;
    clearTimeout(this.waited);
    this.waited = waits ? setTimeout(() => this.type(true), 400) : null;
  }

  // -- drawing

  take(state) {
    const before = this.state;
    this.state = state;
    this.language = (state.person.language_code || "en").startsWith("zh") ? "zh" : "en";
    const newest = state.messages.at(-1);
    const heard = state.messages.filter((one) => one.from_bot && one.message_id > this.newest).length;
    const said = JSON.stringify(state.messages.filter((one) => one.from_bot));
    if (before && heard && !this.isShown()) this.news += heard;
    if (said !== this.said) { this.said = said; this.type(false); }
    this.wait(Boolean(before && state.unread.length));
    if (newest) this.newest = Math.max(this.newest, newest.message_id);
    const frame = JSON.stringify([state.person, state.commands]);
    if (frame !== this.frame) { this.frame = frame; this.drawFrame(); }
    this.drawLog();
    this.drawTab();
  }
  isShown() { return NARROW.matches ? shown === this.id : this.seen; }
  isLow() { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80; }

  drawFrame() {
    const { person } = this.state;
    const words = this.words;
    const name = [person.first_name, person.last_name].filter(Boolean).join(" ");
    this.root.lang = this.language === "zh" ? "zh-CN" : "en";
    this.root.dataset.language = this.language;
    this.root.dataset.role = person.role;
    this.root.toggleAttribute("data-blocked", person.blocked);
    this.root.setAttribute("aria-label", this.title);
    const avatar = el("span", { className: "avatar", "aria-hidden": "true", text: [...name][0] || "?" });
    avatar.style.background = COLOURS[this.id % COLOURS.length];
    const say = (language, text) => el("button", { id: "language-" + language, text, "aria-pressed": String(this.language === language),
      "aria-label": words.language + " " + text, click: () => this.act("language", { language }) });
    const more = el("button", { className: "icon", id: "phone-menu", label: words.more, click: (event) => { event.stopPropagation(); this.openMenu(); } }, icon("more"));
    this.head.replaceChildren(
      avatar,
      el("div", { className: "who" }, el("b", { text: name }), el("small", {},
        ...(person.role ? [el("span", { className: "role", text: words.roles[person.role] || person.role })] : []),
        el("span", { className: "status", id: "status", text: person.blocked ? words.blocked : words.online }))),
      el("div", { className: "languages", role: "group" }, say("zh", "中"), say("en", "EN")),
      more,
    );
    this.input.placeholder = words.message;
    this.input.setAttribute("aria-label", words.message);
    for (const [button, label] of [[this.attachButton, words.attach], [this.commandButton, words.commands], [this.sendButton, words.send]]) {
      button.title = label;
      button.setAttribute("aria-label", label);
    }
    this.compose.hidden = person.blocked;
    this.drawAbove();
  }
  openMenu() {
    const { blocked } = this.state.person;
    const close = () => menu.remove();
    const menu = el("div", { className: "popup", role: "menu" }, el("button", {
      id: blocked ? "unblock" : "block", role: "menuitem", text: blocked ? this.words.unblock : this.words.block,
      click: () => this.act(blocked ? "unblock" : "block"),
    }));
    this.root.append(menu);
    menu.querySelector("button").focus();
    setTimeout(() => document.addEventListener("click", close, { once: true }));
  }
  drawAbove() {
    const words = this.words;
    const { person, commands } = this.state;
    const parts = [];
    if (person.blocked) parts.push(el("button", { className: "unblock", id: "unblock", text: words.unblock, click: () => this.act("unblock") }));
    else {
      if (this.panel === "commands") parts.push(this.commandPanel(commands));
      if (this.panel === "attach") parts.push(this.attachPanel());
      if (this.panel === "samples") parts.push(this.samplePanel());
      if (this.edited !== null) {
        parts.push(el("div", { className: "editing", id: "editing" }, el("span", { text: words.editing }),
          el("button", { text: "✕", label: words.cancel, click: () => this.stopEditing() })));
      }
      if (demo.example) parts.push(el("button", { className: "example", id: "example", text: words.example, click: (event) => this.answerWithExample(event.currentTarget) }));
      if (person.keyboard && !this.panel) parts.push(this.replyKeyboard(person.keyboard));
      this.input.placeholder = person.keyboard?.input_field_placeholder || words.message;
    }
    this.above.replaceChildren(...parts);
    this.attachButton.setAttribute("aria-expanded", String(this.panel === "attach" || this.panel === "samples"));
    this.commandButton.setAttribute("aria-expanded", String(this.panel === "commands"));
  }
  commandPanel(commands) {
    const rows = commands.map((one) => el("button", { id: "command", "data-command": one.command, click: () => { this.toggle(""); this.say("/" + one.command); } },
      el("code", { text: "/" + one.command }), one.description));
    return el("div", { className: "panel" }, ...(rows.length ? rows : [el("p", { className: "none", text: this.words.noCommands })]));
  }
  attachPanel() {
    const one = (id, sign, text, click) => el("button", { id, click }, el("span", { text: sign, "aria-hidden": "true" }), text);
    return el("div", { className: "panel attach" },
      one("attach-photos", "🖼", this.words.photos, () => this.pickFiles("photo")),
      one("attach-file", "📎", this.words.file, () => this.pickFiles("file")),
      one("attach-sample", "📷", this.words.sample, () => this.toggle("samples")),
      ...ATTACHMENTS.map(([what, sign]) => one("attach-" + what, sign, this.words[what], () => { this.toggle(""); this.act("other", { what }); })));
  }
  samplePanel() {
    return el("div", { className: "panel" }, ...demo.samples.map((slot) => el("button", {
      id: "sample", "data-slot": slot, text: this.words.slots[slot] || slot, click: () => { this.toggle(""); this.act("sample", { slot }); },
    })));
  }
  replyKeyboard(keyboard) {
    const press = (key) => () => {
      if (key.request_location) this.act("other", { what: "location" });
      else if (key.request_contact) this.act("other", { what: "contact" });
      else this.say(key.text);
    };
    return el("div", { className: "replies" }, ...keyboard.keyboard.map((row) => el("div", {},
      ...row.map((key) => el("button", { id: "reply-button", text: key.text, click: press(key) })))));
  }
  drawTab() {
    const { person } = this.state;
    this.tab.replaceChildren(person.first_name, el("small", { text: this.words.roles[person.role] || person.role || "·" }));
    this.tab.setAttribute("aria-selected", String(shown === this.id));
    this.tab.toggleAttribute("data-seen", this.isShown());
    this.tab.setAttribute("aria-label", this.title);
    if (this.news && !this.isShown()) this.tab.dataset.unread = this.news; else delete this.tab.dataset.unread;
  }

  drawLog() {
    const low = this.isLow();
    const unread = new Set(this.state.unread);
    const wanted = [];
    let day = "";
    for (const group of albums(this.state.messages)) {
      const first = group[0];
      const on = dayOf(first.date, this.language);
      if (on !== day) { day = on; wanted.push(this.node("day " + on, on, () => el("div", { className: "day", text: on }))); }
      const isRead = !group.some((one) => unread.has(one.message_id));
      const drawn = JSON.stringify([group, isRead, this.language]);
      wanted.push(this.node(first.message_id, drawn, () => this.drawMessage(group, isRead)));
    }
    if (!wanted.length) wanted.push(this.node("empty", this.language, () => this.drawEmpty()));
    const alive = new Set(wanted);
    for (const [key, [, node]] of this.nodes) if (!alive.has(node)) this.nodes.delete(key);
    for (const child of [...this.log.children]) if (!alive.has(child) && child !== this.dots) child.remove();
    wanted.forEach((node, place) => { if (this.log.children[place] !== node) this.log.insertBefore(node, this.log.children[place] || null); });
    this.markWaiting();
    const last = this.state.messages.at(-1);
    if (low || (last && last.message_id !== this.lowest && !last.from_bot)) this.log.scrollTop = this.log.scrollHeight;
    this.lowest = last?.message_id;
  }
  /** The node drawn for this key before, unless what it shows has changed. */
  node(key, drawn, draw) {
    const known = this.nodes.get(key);
    if (known && known[0] === drawn) return known[1];
    const made = draw();
    this.nodes.set(key, [drawn, made]);
    return made;
  }
  drawEmpty() {
    return el("div", { className: "empty" }, this.words.begin, el("button", { id: "start", text: this.words.start, click: () => this.say("/start") }));
  }
  drawMessage(group, isRead) {
    const first = group[0];
    const mine = !first.from_bot;
    const told = group.filter((one) => one.text); // of an album, Telegram shows a caption below only when it is the only one
    const words = told.length > 1 ? undefined : told[0];
    const bubble = el("div", { className: "bubble" });
    if (first.reply_to_message) bubble.append(el("div", { className: "quote", text: first.reply_to_message.text || first.reply_to_message.caption || "📷" }));
    const photos = group.filter((one) => one.photo);
    if (photos.length) bubble.append(this.drawPhotos(photos));
    for (const one of group) bubble.append(...this.drawOther(one));
    if (words) {
      // Telegram shows of a deep link's start only the command
      const text = mine ? words.text.replace(/^\/start \S+$/, "/start") : words.text;
      bubble.append(el("span", { className: "text", id: "message-text" }, marked(text, words.entities || words.caption_entities || [], this)));
    }
    const foot = el("span", { className: "foot", text: (first.edit_date && mine ? this.words.edited + " " : "") + timeOf(first.date) });
    if (mine) foot.append(el("span", { className: "ticks", "aria-hidden": "true", text: isRead ? "✓✓" : "✓" }));
    bubble.append(foot);
    const message = el("article", {
      className: "message", id: "message", "data-message-id": first.message_id, "data-from": mine ? "me" : "bot", "data-read": isRead,
      "data-edited": Boolean(first.edit_date), "data-message-ids": group.length > 1 ? group.map((one) => one.message_id).join(" ") : null,
    }, bubble);
    if (mine && words) this.makeEditable(message, words);
    const rows = first.reply_markup?.inline_keyboard;
    if (rows) message.append(el("div", { className: "keys" }, ...rows.map((row) => el("div", {}, ...row.map((key) => this.drawKey(first, key))))));
    return message;
  }
  drawKey(message, key) {
    if (key.url) return el("button", { id: "inline-button", text: key.text, "data-url": key.url, click: () => { if (!deepLink(key.url)) window.open(key.url, "_blank", "noopener"); } });
    return el("button", { id: "inline-button", text: key.text, "data-callback": key.callback_data, "data-message": message.message_id, click: () => this.tap(message, key) });
  }
  drawPhotos(photos) {
    return el("div", { className: "grid n" + Math.min(photos.length, 10) }, ...photos.map((one) => {
      const big = one.photo.at(-1);
      const small = one.photo.find((size) => Math.max(size.width, size.height) >= (photos.length > 1 ? 300 : 700)) || big;
      const source = (size) => "/page/file/" + encodeURIComponent(size.file_id);
      const picture = el("img", { src: source(small), alt: this.words.photo, width: big.width, height: big.height });
      return el("button", { id: "photo", label: this.words.photo, click: () => openPhoto(source(big), one.text || this.words.photo) }, picture);
    }));
  }
  drawOther(one) {
    if (one.sticker) return [el("div", { className: "sticker", text: one.sticker.emoji || "🙂" })];
    if (one.location) return [this.card("📍", this.words.location, `${one.location.latitude}, ${one.location.longitude}`)];
    if (one.contact) return [this.card("👤", one.contact.first_name, one.contact.phone_number)];
    if (one.voice) return [this.card("🎤", this.words.voice, `0:0${one.voice.duration}`)];
    if (one.animation) return [this.card("GIF", this.words.animation, one.animation.file_name)];
    if (one.video) return [this.card("🎬", this.words.video, `0:0${one.video.duration}`)];
    if (!one.document) return [];
    const { file_name: name, file_size: size, file_id: id } = one.document;
    const link = this.card(name.includes(".") ? name.split(".").at(-1).slice(0, 4) : "📎", name, sizeOf(size), "a");
    link.href = "/page/file/" + encodeURIComponent(id);
    link.download = name;
    link.dataset.testid = "document";
    return [link];
  }
  card(sign, title, under, tag = "div") {
    return el(tag, { className: "file" }, el("i", { text: sign, className: /^[\w]+$/.test(sign) ? "word" : "" }), el("span", {}, el("b", { text: title }), el("small", { text: under })));
  }
  makeEditable(message, words) {
    message.append(el("button", { className: "pencil", id: "edit", text: "✎", label: this.words.edit, click: () => this.startEditing(words) }));
    let held;
    message.addEventListener("touchstart", () => { held = setTimeout(() => this.startEditing(words), 550); }, { passive: true });
    for (const end of ["touchend", "touchmove", "touchcancel"]) message.addEventListener(end, () => clearTimeout(held), { passive: true });
    message.addEventListener("dblclick", () => this.startEditing(words));
  }
}

/** Messages in order, those of one album together. */
function albums(messages) {
  const groups = [];
  const known = new Map();
  for (const one of messages) {
    const name = one.media_group_id;
    if (name && known.has(name)) known.get(name).push(one);
    else { const group = [one]; groups.push(group); if (name) known.set(name, group); }
  }
  return groups;
}
const formats = new Map();
function format(language, options) {
  const key = language + zone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { timeZone: zone, ...options }));
  return formats.get(key);
}
function timeOf(seconds) { return format("en", { hour: "2-digit", minute: "2-digit" }).format(seconds * 1000); }
function dayOf(seconds, language) { return format(language, { weekday: "short", day: "numeric", month: "long" }).format(seconds * 1000); }
function sizeOf(bytes) { return bytes < 1024 ? bytes + " B" : bytes < 1048576 ? Math.round(bytes / 1024) + " KB" : (bytes / 1048576).toFixed(1) + " MB"; }

// ---- the page

function show(id) {
  const phone = phones.get(id);
  if (!phone) return;
  shown = id;
  phone.news = 0;
  for (const one of phones.values()) {
    const wasHidden = !one.root.classList.contains("shown");
    one.root.classList.toggle("shown", one.id === id);
    if (one.id === id && wasHidden && NARROW.matches) one.log.scrollTop = one.log.scrollHeight;
    if (one.state) one.drawTab();
  }
  phone.tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (!NARROW.matches) phone.root.scrollIntoView({ block: "nearest", inline: "nearest" });
}
/** Tabs are for phones that stand beside the screen. */
function needTabs() { document.body.toggleAttribute("data-all-fit", !NARROW.matches && $("phones").scrollWidth <= $("phones").clientWidth + 1); }
function takePhone(state) {
  const { id } = state.person;
  let phone = phones.get(id);
  if (!phone) {
    phone = new Phone(id);
    phones.set(id, phone);
    $("phones").append(phone.root);
    $("tabs").append(phone.tab);
  }
  phone.take(state);
  needTabs();
  if (shown === null || wanted === id) show(id);
  if (wanted === id) wanted = null;
}
function takeClock(clock) { ahead = clock.now - Date.now(); zone = clock.zone; drawClock(); }
function drawClock() {
  const now = Date.now() + ahead;
  const year = NARROW.matches ? {} : { year: "numeric" };
  $("clock-day").textContent = format(pageLanguage, { weekday: "short", ...year, month: "short", day: "numeric" }).format(now);
  $("clock-time").textContent = format("en", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(now);
}
function drawPage() {
  const words = WORDS[pageLanguage];
  document.documentElement.lang = pageLanguage === "zh" ? "zh-CN" : "en";
  document.title = "claimbot · " + words.tagline;
  $("tagline").textContent = words.tagline;
  $("help").textContent = words.help;
  $("offline").textContent = words.offline;
  $("add-phone").replaceChildren("+", el("span", { text: words.addPhone }));
  $("add-phone").setAttribute("aria-label", "+ " + words.newPhone);
  $("page-language").textContent = words.other;
  $("deeds").setAttribute("aria-label", words.skip);
  $("skipping").textContent = words.skipping;
  for (const [name, label] of [["hour", words.hour], ["morning", words.morning], ["week", words.week]]) {
    const button = document.querySelector(`[data-skip="skip-${name}"]`);
    button.textContent = label;
    button.title = words.skip;
  }
  drawClock();
}
function listen() {
  const line = new EventSource("/page/events");
  const on = (name, take) => line.addEventListener(name, (event) => take(JSON.parse(event.data)));
  on("all", (everything) => {
    demo = everything;
    $("offline").hidden = true;
    takeClock(everything.clock);
    everything.phones.forEach(takePhone);
    for (const phone of phones.values()) phone.drawAbove();
  });
  on("phone", takePhone);
  on("clock", takeClock);
  on("typing", (told) => phones.get(told.user_id)?.type(true));
  on("answer", (told) => phones.get(told.user_id)?.answer(told));
  line.addEventListener("error", () => {
    $("offline").hidden = false;
    if (line.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  });
}

for (const button of document.querySelectorAll("[data-skip]")) button.addEventListener("click", () => post(button.dataset.skip));
$("add-phone").addEventListener("click", () => newPhone());
$("page-language").addEventListener("click", () => { pageLanguage = pageLanguage === "zh" ? "en" : "zh"; keep("language", pageLanguage); drawPage(); });
$("lightbox").addEventListener("click", () => $("lightbox").close());
$("tabs").setAttribute("role", "tablist");
new ResizeObserver(needTabs).observe($("phones"));
NARROW.addEventListener("change", () => { for (const phone of phones.values()) if (phone.state) phone.drawTab(); needTabs(); });
setInterval(drawClock, 1000);
drawPage();
listen();
