// SPDX-License-Identifier: Apache-2.0
// What `builds.sh page` asks eslint: of the scripts of a page as one, which they become, and of those that test it.
"use strict";

const recommended = require("@eslint/js").configs.recommended;

const names = (kind, text) => Object.fromEntries(text.split(" ").map((name) => [name, kind]));
const rules = {
    ...recommended.rules,
    eqeqeq: "error", "no-var": "error", "prefer-const": "error", "no-eval": "error", "no-implied-eval": "error", "no-new-func": "error",
    "no-shadow": "error", "no-undef": "error", "no-unused-vars": ["error", { args: "after-used" }], "no-control-regex": "off", "no-useless-escape": "error",
    "object-shorthand": "error", "prefer-template": "error", quotes: ["error", "double", { avoidEscape: true }], semi: "error",
    "no-restricted-properties": ["error", { property: "innerHTML" }, { property: "outerHTML" }, { property: "insertAdjacentHTML" }],
};

module.exports = [
    {
        files: ["page.js"],
        languageOptions: {
            ecmaVersion: 2022, sourceType: "script",
            globals: names("readonly", "Chart document Node Blob URL setTimeout getComputedStyle matchMedia addEventListener print atob Response DecompressionStream TextDecoder IntersectionObserver innerHeight"),
        },
        rules,
    },
    {
        files: ["tests/*.js"],
        languageOptions: {
            ecmaVersion: 2022, sourceType: "commonjs",
            globals: names("readonly", "require module process console setTimeout clearTimeout Buffer document Chart window fetch OffscreenCanvas Event getComputedStyle scrollX scrollY axe beginCharts sayCount requestAnimationFrame"),
        },
        rules: { ...rules, "no-restricted-properties": "off" },
    },
];
