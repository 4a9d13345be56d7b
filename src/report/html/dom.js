// SPDX-License-Identifier: Apache-2.0
// Elements are made of names and texts only: nothing that comes from a run is ever read as HTML.
"use strict";

const NAME_MOST = 120, TEXT_MOST = 1500;

// Characters that turn the direction of what follows, or that cannot be seen, are spelt out.
function visible(text, most = NAME_MOST) {
    const shown = String(text).slice(0, most + 1).replace(
        /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
        (sign) => `<U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}>`);
    return shown.length > most ? `${shown.slice(0, most)}…` : shown;
}

// Attributes that begin with "on" are listeners; children are nodes and texts, and null is none.
// What comes here is a sentence, and holds names in full.
function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
        if (name.startsWith("on"))
            element.addEventListener(name.slice(2), value);
        else if (value === true)
            element.setAttribute(name, "");
        else if (value !== false && value !== null && value !== undefined)
            element.setAttribute(name, visible(value, TEXT_MOST));
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined)
        .map((child) => child instanceof Node ? child : visible(child, TEXT_MOST)));
    return element;
}

function button(text, pressed, onclick, more) {
    return make("button", { type: "button", "aria-pressed": pressed === null ? null : String(pressed), onclick, ...more }, text);
}

// choices: [value, text]
function select(label, choices, value, onchange) {
    const box = make("select", { onchange: () => onchange(box.value) },
        choices.map(([key, text]) => make("option", { value: key, selected: String(key) === String(value) }, text)));
    return make("label", {}, label, box);
}

// One of several, as a group of buttons.
function choice(label, choices, value, onchoose) {
    const group = make("div", { class: "bar", role: "group", "aria-label": label });
    for (const [key, text] of choices)
        group.append(button(text, key === value, () => onchoose(key)));
    return group;
}

// columns: {text, isText}; rows: arrays of texts or nodes. The first of a row is its heading.
function table(caption, columns, rows) {
    const cell = (tag, more) => (value, i) =>
        make(tag, { class: columns[i].isText ? "text" : null, ...more(i) }, value ?? "");
    return make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption }, make("table", {},
        make("caption", {}, caption),
        make("thead", {}, make("tr", {}, columns.map((column) => column.text).map(cell("th", () => ({ scope: "col" }))))),
        make("tbody", {}, rows.map((row) => make("tr", {}, row.map((value, i) =>
            i === 0 ? cell("th", () => ({ scope: "row" }))(value, i) : cell("td", () => ({}))(value, i)))))));
}

function download(name, type, bytes) {
    const url = URL.createObjectURL(new Blob([bytes], { type }));
    const link = make("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
}
