// SPDX-License-Identifier: Apache-2.0
// A browser of its own, driven through its DevTools over a pipe: nothing but Node.js and Chromium is needed.
"use strict";

const { spawn } = require("node:child_process");
const { mkdtempSync, rmSync, existsSync } = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const PATIENCE_MS = 30000;

function findBrowser() {
    const places = [process.env.CHROMIUM, ...(process.env.PATH ?? "").split(":").flatMap((folder) =>
        ["chromium", "chromium-browser", "google-chrome"].map((name) => path.join(folder, name)))];
    return places.find((place) => place && existsSync(place));
}

class Browser {
    constructor(program) {
        this.home = mkdtempSync(path.join(tmpdir(), "bench_mmap-browser-"));
        this.child = spawn(program, ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--force-color-profile=srgb",
            "--disable-dev-shm-usage", "--remote-debugging-pipe", `--user-data-dir=${this.home}`, "about:blank"],
        { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], env: { ...process.env, HOME: this.home } });
        this.waiting = new Map();
        this.listeners = [];
        this.last = 0;
        let rest = Buffer.alloc(0);
        this.child.stdio[4].on("data", (bytes) => {
            rest = Buffer.concat([rest, bytes]);
            for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
                this.take(JSON.parse(rest.subarray(0, end)));
                rest = rest.subarray(end + 1);
            }
        });
        this.child.stdio[3].on("error", () => {});
        this.child.on("exit", () => {
            for (const { reject } of this.waiting.values())
                reject(new Error("the browser ended"));
        });
    }

    take(message) {
        if (message.id === undefined) {
            this.listeners.forEach((listen) => listen(message));
            return;
        }
        const { resolve, reject } = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        if (message.error)
            reject(new Error(message.error.message));
        else
            resolve(message.result);
    }

    send(method, params, sessionId) {
        const id = ++this.last;
        this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`${method} took too long`)), PATIENCE_MS);
            this.waiting.set(id, {
                resolve: (value) => { clearTimeout(timer); resolve(value); },
                reject: (error) => { clearTimeout(timer); reject(error); },
            });
        });
    }

    // how: {width, height, scheme: "light" or "dark"}
    async open(file, how = {}) {
        const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
        const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
        const page = new Page(this, targetId, sessionId);
        await page.begin(file, how);
        return page;
    }

    async close() {
        const ended = new Promise((resolve) => this.child.on("exit", resolve));
        this.send("Browser.close").catch(() => {});
        const timer = setTimeout(() => this.child.kill("SIGKILL"), 5000);
        await ended;
        clearTimeout(timer);
        rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
}

class Page {
    constructor(browser, target, session) {
        Object.assign(this, { browser, target, session, complaints: [], requests: [], urls: new Map() });
        browser.listeners.push((message) => message.sessionId === session && this.hear(message));
    }

    send(method, params) {
        return this.browser.send(method, params, this.session);
    }

    hear({ method, params }) {
        if (method === "Runtime.exceptionThrown")
            this.complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
        else if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type))
            this.complaints.push(params.args.map((one) => one.value ?? one.description).join(" "));
        else if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level))
            this.complaints.push(params.entry.text);
        else if (method === "Page.javascriptDialogOpening")
            this.complaints.push(`a dialog: ${params.message}`);
        else if (method === "Network.requestWillBeSent" && !/^(blob|data):/.test(params.request.url) && params.request.url !== this.url)
            this.requests.push(params.request.url), this.urls.set(params.requestId, params.request.url);
        else if (method === "Network.loadingFailed" && params.blockedReason)
            this.requests = this.requests.filter((url) => url !== this.urls.get(params.requestId));
        else if (method === "Page.loadEventFired")
            this.loaded?.();
    }

    async begin(file, { width = 1280, height = 900, scheme = "light" }) {
        const loaded = new Promise((resolve) => { this.loaded = resolve; });
        await Promise.all([this.send("Page.enable"), this.send("Runtime.enable"), this.send("Log.enable"), this.send("Network.enable"),
            this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false }),
            this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }] })]);
        this.began = Date.now();
        this.url = pathToFileURL(path.resolve(file)).href;
        await this.send("Page.navigate", { url: this.url });
        await loaded;
        this.state = await this.evaluate(() => new Promise((resolve) => {
            const look = () => document.documentElement.dataset.state ? resolve(document.documentElement.dataset.state) : setTimeout(look, 5);
            look();
        }));
        this.drawn_ms = Date.now() - this.began;
    }

    // Runs a function in the page; what it takes and returns is JSON.
    async evaluate(what, ...words) {
        const expression = `(${what})(${words.map((word) => JSON.stringify(word)).join(",")})`;
        const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
        if (exceptionDetails)
            throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        return result.value;
    }

    async press(key, code) {
        const text = key === "Enter" ? "\r" : key === " " ? " " : undefined;
        await this.send("Input.dispatchKeyEvent", { type: "keyDown", key, code: key, windowsVirtualKeyCode: code, text });
        await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, code: key, windowsVirtualKeyCode: code });
    }

    // With the mouse, in the middle of what the selector finds first.
    async click(selector) {
        const { x, y } = await this.evaluate((what) => {
            const item = document.querySelector(what);
            item.scrollIntoView({ block: "center", behavior: "instant" });
            const { x: left, y: top, width, height } = item.getBoundingClientRect();
            return { x: left + width / 2, y: top + height / 2 };
        }, selector);
        await this.clickAt(x, y);
    }

    async clickAt(x, y) {
        for (const type of ["mouseMoved", "mousePressed", "mouseReleased"])
            await this.send("Input.dispatchMouseEvent", { type, x, y, button: type === "mouseMoved" ? "none" : "left", clickCount: 1 });
    }

    // The whole page, or what a selector finds first.
    async picture(selector = "html") {
        const clip = await this.evaluate((what) => {
            const { x, y, width, height } = document.querySelector(what).getBoundingClientRect();
            return { x: x + scrollX, y: y + scrollY, width, height: Math.min(height, 12000), scale: 1 };
        }, selector);
        const { data } = await this.send("Page.captureScreenshot", { captureBeyondViewport: true, clip });
        return Buffer.from(data, "base64");
    }

    close() {
        return this.browser.send("Target.closeTarget", { targetId: this.target });
    }
}

module.exports = { Browser, findBrowser };
