// What a script adds to pages that work without it: keys, copying, forms that send themselves.
"use strict";

(() => {
  const zh = document.documentElement.lang.startsWith("zh");
  const say = (chinese, english) => (zh ? chinese : english);

  // "/" goes to the search box, as on other sites of this kind
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = document.querySelector("form[role=search] input[type=search]");
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });

  // every block of code and every digest can be copied
  const live = document.createElement("p");
  live.className = "unseen";
  live.setAttribute("role", "status");
  document.body.append(live);
  for (const block of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = say("复制", "Copy");
    button.setAttribute("aria-label", say("复制：", "Copy: ") + (block.dataset.copy || block.textContent.trim().slice(0, 40)));
    button.addEventListener("click", async () => {
      const text = block.querySelector("code")?.textContent ?? block.textContent;
      try {
        await navigator.clipboard.writeText(text.trim());
        button.textContent = say("已复制", "Copied");
        live.textContent = say("已复制", "Copied");
      } catch {
        const range = document.createRange();
        range.selectNodeContents(block.querySelector("code") ?? block);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        button.textContent = say("已选中", "Selected");
      }
      setTimeout(() => (button.textContent = say("复制", "Copy")), 2000);
    });
    block.after(button);
  }

  // choices that need no button where there is a script
  for (const form of document.querySelectorAll("form[data-sends]")) {
    form.addEventListener("change", () => form.requestSubmit());
    form.querySelector("button")?.classList.add("unseen");
  }

  // groups of tabs: without a script all their parts stand below one another
  for (const group of document.querySelectorAll("[data-tabs]")) {
    const parts = [...group.querySelectorAll(":scope > section")];
    const list = document.createElement("div");
    list.className = "tabs";
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", group.dataset.tabs);
    const show = (chosen, focus) => {
      parts.forEach((part, index) => {
        const on = index === chosen;
        part.hidden = !on;
        list.children[index].setAttribute("aria-selected", String(on));
        list.children[index].tabIndex = on ? 0 : -1;
        if (on && focus) list.children[index].focus();
      });
    };
    parts.forEach((part, index) => {
      const heading = part.querySelector("h3");
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = part.id + "-tab";
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", part.id);
      tab.textContent = heading.textContent;
      heading.classList.add("unseen");
      part.setAttribute("role", "tabpanel");
      part.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", () => show(index, false));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) show((index + step + parts.length) % parts.length, true);
      });
      list.append(tab);
    });
    group.prepend(list);
    const asked = parts.findIndex((part) => "#" + part.id === location.hash);
    show(Math.max(asked, 0), false);
  }
})();
