// A browser as a person of the clinic uses it: signed in with one click, watched for what must not happen.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

// The modules lie in a cache outside the clone; `run` says where.
const require = createRequire(`${process.env.TAUTBAND_MODULES}/`);
const { chromium } = require("playwright-core");
const { AxeBuilder } = require("@axe-core/playwright");

export const url = process.env.TAUTBAND_URL;
const ARGUMENTS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const WORDS = { front_desk: "Front desk", provider: "Provider", assistant: "Assistant", patient: "Patient", admin: "Admin", auditor: "Auditor" };
export const ROLES = Object.keys(WORDS);

let browser;
export async function launch() {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
  return browser;
}
export async function close() {
  await browser?.close();
  browser = undefined;
}

/** A person at a screen. `options` are those of a context, and `script: false` takes the scripts away. */
export class Person {
  keys = 0;
  faults = [];

  static async as(role, { script = true, ...options } = {}) {
    const person = new Person();
    const context = await (await launch()).newContext({ viewport: { width: 1360, height: 850 }, ...options });
    person.page = await context.newPage();
    person.page.setDefaultTimeout(15_000);
    // A page whose script never comes is a page without one, and can still be looked at by axe.
    if (!script) await context.route("**/console/assets/*.js", (route) => route.abort());
    person.watch(script);
    await person.open("/console/sign-in");
    if (role) {
      await person.page.locator("button.choice", { hasText: WORDS[role] }).first().click();
      await person.page.waitForURL((to) => !to.pathname.endsWith("/sign-in"));
    }
    return person;
  }

  watch(script) {
    this.page.on("console", (message) => {
      // What the service refuses on purpose, the browser reports as an error of the page.
      const isRefusal = /status of 4\d\d/.test(message.text());
      const isTakenAway = !script && /ERR_FAILED/.test(message.text());
      if (message.type() === "error" && !isRefusal && !isTakenAway) this.faults.push(message.text());
    });
    this.page.on("pageerror", (error) => this.faults.push(String(error)));
    this.page.on("request", (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith("data:")) this.faults.push(`asked elsewhere: ${request.url()}`);
    });
  }

  async open(path) {
    return this.page.goto(url + path);
  }

  /** Presses a key and counts it. */
  async press(key) {
    this.keys += 1;
    await this.page.keyboard.press(key);
  }

  /** Types a text, which is not counted. */
  async type(text) {
    await this.page.keyboard.type(text);
  }

  /** Sends what is focused and waits for the page that answers. */
  async enter() {
    this.keys += 1;
    await Promise.all([this.page.waitForEvent("load"), this.page.keyboard.press("Enter")]);
  }

  /** Clicks on what leads to another page. */
  async go(selector) {
    await Promise.all([this.page.waitForEvent("load"), this.page.locator(selector).first().click()]);
  }

  async said() {
    return (await this.page.locator("#said").textContent()).trim();
  }

  async sees(text) {
    const body = await this.page.locator("main").innerText();
    assert.ok(body.includes(text), `“${text}” is not on the page ${this.page.url()}:\n${body.slice(0, 1500)}`);
  }

  async wasNotRefused() {
    const problems = await this.page.locator(".problem").allInnerTexts();
    assert.deepEqual(problems, [], this.page.url());
  }

  /** Nothing that WCAG 2.2 AA forbids. */
  async isAccessible(what) {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const found = await new AxeBuilder({ page: this.page }).withTags(tags).analyze();
    const broken = found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary?.split("\n")[1] ?? ""}`).join(" | ")}`);
    assert.deepEqual(broken, [], what);
  }

  async leave() {
    assert.deepEqual(this.faults, [], "what the browser complained of");
    await this.page.context().close();
  }
}
