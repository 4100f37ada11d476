// Files of a form, [data-files]: made smaller on the phone, sent in pieces, gone on with after the
// network was lost. The form then bears only ids. Without this script the form sends the files.
// Anybody else may hand over a file:
//   document.dispatchEvent(new CustomEvent("banyan:upload", {detail: {blob, name, key, said(state, sent), done(id), failed(why)}}))
// key: the sender's own, the same for the same file (may be left out); said, done, failed: may be left out.
(() => {
  const LONGEST = 1280, QUALITY = 0.72, SMALL = 160, MOST = 262144;
  const LEAST = /2g/.test(navigator.connection?.effectiveType) ? 16384 : 65536; // on 2G the bar still moves every few seconds
  const say = (words, name) => window.banyan?.words[name] || words[name] || "";
  let drawing = Promise.resolve(), sending = Promise.resolve(); // one at a time, over all fields of a page
  const pause = (seconds) => new Promise((go) => {
    const timer = setTimeout(go, seconds * 1000);
    addEventListener("online", () => { clearTimeout(timer); go(); }, { once: true });
  });
  const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value || "";

  // Drawn anew: smaller, upright, and without what the phone wrote beside it.
  async function drawn(file) {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const fit = (longest) => {
      const part = Math.min(1, longest / Math.max(picture.width, picture.height));
      const canvas = Object.assign(document.createElement("canvas"), { width: Math.max(1, Math.round(picture.width * part)), height: Math.max(1, Math.round(picture.height * part)) });
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      return canvas;
    };
    const small = fit(SMALL).toDataURL("image/jpeg", 0.7);
    const blob = await new Promise((go) => fit(LONGEST).toBlob(go, "image/jpeg", QUALITY));
    picture.close();
    return { blob, small };
  }

  async function keyOf(blob, post) {
    if (!crypto.subtle) return `${crypto.getRandomValues(new Uint32Array(4)).join("-")}-${post}`;
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
    return `${[...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("")}-${post}`;
  }

  // One answer of the server as {status, data}; a lost network and a signed-out session are waited for.
  async function asked(url, how, task) {
    for (let wait = 2; ; wait = Math.min(wait * 2, 30)) {
      if (task.stopped) throw new Error("");
      try {
        const answer = await fetch(url, { ...how, headers: { "X-CSRFToken": token(), ...how.headers }, redirect: "manual" });
        const json = (answer.headers.get("Content-Type") || "").includes("json");
        if (answer.type === "opaqueredirect" || (answer.status === 403 && !json)) { task.said("signed"); await pause(wait); continue; }
        if (answer.status < 500 && json) return { status: answer.status, data: await answer.json() };
      } catch { task.piece = LEAST; }
      task.said("waiting");
      await pause(wait);
      if (how.method === "PATCH") return { status: 409 };  // perhaps it came: ask how far
    }
  }

  async function send(task) {
    const { blob, url } = task;
    const told = new URLSearchParams({ key: task.key, filename: task.name, size: blob.size, media_type: blob.type });
    const refuse = (data) => { throw new Error([data?.what, data?.why, data?.mend].filter(Boolean).join(" ")); };
    let { status, data } = await asked(url, { method: "POST", body: told }, task);
    if (status !== 201) refuse(data);
    let at = data;
    while (at.document === null) {
      task.said("sending", at.offset);
      const began = performance.now();
      const body = blob.slice(at.offset, at.offset + task.piece);
      ({ status, data } = await asked(at.url, { method: "PATCH", body, headers: { "Upload-Offset": at.offset, "Content-Type": "application/offset+octet-stream" } }, task));
      if (status === 200) { at = data; if (performance.now() - began < 2000) task.piece = Math.min(task.piece * 2, MOST); continue; }
      if (status !== 409 && status !== 404) refuse(data);
      if (status === 409) ({ status, data } = await asked(at.url, { method: "GET" }, task));
      if (status === 404) ({ status, data } = await asked(url, { method: "POST", body: told }, task));
      if (status > 201) refuse(data);
      at = data;
    }
    return at.document;
  }

  async function upload({ blob, name, key, url = "/uploads/", post = document.querySelector("[name=as_post]")?.value || "", said, done, failed, task = {} }) {
    Object.assign(task, { blob, name, url, piece: LEAST, said: said || (() => {}) });
    try {
      task.key = key || await keyOf(blob, post);
      done?.(await send(task));
    } catch (why) { if (!task.stopped) failed?.(why.message); }
  }
  // What was sent before it could be made smaller is made smaller now.
  async function shrink(one) {
    if (one.made) return;
    const made = await drawn(one.blob).catch(() => ({})); // no picture, or one this browser cannot draw (HEIC): it goes as it is
    Object.assign(one, { made: true }, made.blob ? { blob: made.blob, name: one.name.replace(/\.[^.]*$/, "") + ".jpg" } : {});
    return made.small;
  }
  document.addEventListener("banyan:upload", ({ detail }) => shrink(detail).then(() => upload(detail)));

  // Every file has its row at once, for a form sent early takes what has a row; they go one by one.
  function add(box, file) {
    const words = box.querySelector("[data-words]").dataset, line = box.querySelector("template").content.firstElementChild.cloneNode(true);
    const word = line.querySelector("[data-word]"), bar = line.querySelector("progress"), picture = line.querySelector("img"), task = {};
    line.querySelector("b").textContent = file.name;
    line.dataset.going = "1";
    const one = line.banyanFile = { field: box.dataset.files, blob: file, name: file.name, task }; // queue.js takes it over
    const told = () => dispatchEvent(new CustomEvent("banyan:photos", { detail: box.closest("form") }));
    line.querySelector("button").addEventListener("click", () => { task.stopped = true; line.remove(); box.querySelector("input[type=file]").focus(); told(); settled(box); });
    box.querySelector(".shots").append(line);
    word.textContent = words.making;
    const end = (text) => { delete line.dataset.going; word.textContent = text; bar.hidden = true; told(); settled(box); };
    const ready = drawing = drawing.then(async () => {
      const small = task.stopped ? "" : await shrink(one);
      if (small) Object.assign(picture, { src: small, hidden: false });
      word.textContent = say(words, "turn");
      told();
    });
    sending = Promise.all([ready, sending]).then(() => task.stopped ? null : upload({
      blob: one.blob, name: one.name, url: box.dataset.url, post: box.dataset.post, task,
      said(state, sent = 0) {
        const part = Math.floor(100 * sent / one.blob.size);
        bar.value = part;
        word.textContent = say(words, state).replace("##", Math.ceil(one.blob.size / 1000)).replace("#", `${part}%`);
      },
      done(id) {
        if (task.stopped) return;
        line.append(Object.assign(document.createElement("input"), { type: "hidden", name: box.dataset.files, value: id }));
        end(words.done);
      },
      failed(why) { line.classList.add("wrong"); line.dataset.refused = "1"; end(why || words.failed); },
    }));
  }

  // A form sent too early waits for its files, and goes by itself unless one of them failed.
  function settled(box) {
    const form = box.closest("form"), early = form?.banyanEarly;
    if (!early || form.querySelector("[data-going]")) return;
    delete form.banyanEarly;
    box.querySelector("[data-files-said]").textContent = "";
    if (!form.querySelector("[data-refused]")) form.requestSubmit(early.submitter);
  }
  document.addEventListener("submit", (event) => {
    const going = event.target.querySelector("[data-going]"), box = going?.closest("[data-files]");
    if (!box) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    event.target.banyanEarly = { submitter: event.submitter };
    box.querySelector("[data-files-said]").textContent = box.querySelector("[data-words]").dataset.later;
  }, true);
  document.addEventListener("change", (event) => {
    const box = event.target.type === "file" && event.target.closest("[data-files]");
    if (!box) return;
    const room = box.dataset.most - box.querySelectorAll(`input[type=hidden], input[type=checkbox]:checked, [data-going]`).length;
    const files = [...event.target.files], words = box.querySelector("[data-words]").dataset;
    event.target.value = "";
    box.querySelector("[data-files-said]").textContent = files.length > room ? words.many.replace("#", box.dataset.most) : "";
    files.slice(0, Math.max(0, room)).forEach((file) => add(box, file));
  });
  // What queue.js has kept on this device comes back by itself.
  addEventListener("beforeunload", (event) => { if (document.querySelector("[data-going]:not([data-kept])")) event.preventDefault(); });
})();
