// What the pages of work can do with a script: everything here also works without one, with a reload in place of a change.
"use strict";
(() => {
  const zh = document.documentElement.lang.startsWith("zh");
  const say = (chinese, english) => (zh ? chinese : english);

  // what is wrong is read first
  document.querySelector("[data-wrong]")?.focus();

  // an import tells how far it is
  const running = document.querySelector("[data-import]");
  if (running && window.EventSource) {
    const source = new EventSource(running.dataset.import);
    const count = document.getElementById("count");
    source.addEventListener("progress", (event) => {
      const told = JSON.parse(event.data);
      if (told.rows) count.textContent = told.rows.toLocaleString(zh ? "zh-CN" : "en");
    });
    const ended = () => {
      source.close();
      location.reload();
    };
    source.addEventListener("end", ended);
    source.addEventListener("problem", () => {
      source.close();
      setTimeout(() => location.reload(), 3000);
    });
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000);
    };
  }

  // a file is dropped anywhere on its form
  for (const form of document.querySelectorAll("form[data-drop]")) {
    const input = form.querySelector("input[type=file]");
    const place = form.querySelector(".drop");
    const mark = (on) => place.classList.toggle("over", on);
    for (const name of ["dragenter", "dragover"])
      form.addEventListener(name, (event) => {
        event.preventDefault();
        mark(true);
      });
    for (const name of ["dragleave", "dragend"]) form.addEventListener(name, () => mark(false));
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      mark(false);
      if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    });
    form.addEventListener("submit", () => {
      const button = form.querySelector("button");
      button.disabled = true;
      button.textContent = say("正在上传…", "Uploading…");
    });
  }

  // cells are judged by the server while they are typed
  for (const form of document.querySelectorAll("form[data-check]")) {
    const status = document.getElementById("check-status");
    let timer;
    let asked = 0;
    const check = async () => {
      const mine = ++asked;
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (name === "csrf" || name.startsWith("cell.")) body.append(name, value);
      if (!body.get("cell.key")) return;
      let answer;
      try {
        const response = await fetch(form.dataset.check, { method: "POST", body, headers: { Accept: "application/json" } });
        if (!response.ok || mine !== asked) return;
        answer = await response.json();
      } catch {
        return;
      }
      for (const why of form.querySelectorAll(".why")) {
        const own = answer.items.filter((item) => "why-" + item.field === why.id);
        why.textContent = own.map((item) => item.message).join(" ");
        const cell = form.querySelector(`[aria-describedby="${why.id}"]`);
        if (own.some((item) => item.severity === "error")) cell?.setAttribute("aria-invalid", "true");
        else cell?.removeAttribute("aria-invalid");
      }
      const errors = answer.items.filter((item) => item.severity === "error");
      const elsewhere = errors.filter((item) => !document.getElementById("why-" + item.field));
      status.textContent = errors.length
        ? say(`有 ${errors.length} 处错误。`, `${errors.length} errors. `) + elsewhere.map((item) => item.message).join(" ")
        : say("单元格没有错误。", "No errors in the cells.");
      status.className = "wide " + (errors.length ? "why" : "soft");
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(check, 400);
    });
  }

  // many proposals are picked at once
  const picks = [...document.querySelectorAll("input[name=pick]")];
  const head = picks.length > 1 && picks[0].closest("table").querySelector("thead th");
  if (head) {
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", say("全选", "Pick all that are shown"));
    all.addEventListener("change", () => picks.forEach((pick) => (pick.checked = all.checked)));
    head.append(all);
  }
})();
