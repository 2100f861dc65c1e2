// On a telephone: the next appointment, the diary, the plan, the signed visit, and who looked.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, Person } from "./browser.mjs";

after(close);
const phone = { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true };

for (const script of [true, false]) {
  const how = script ? "" : " without script";

  test(`a patient keeps the diary, moves and cancels an appointment${how}`, async () => {
    const patient = await Person.as("patient", { ...phone, script });
    const { page } = patient;
    await patient.sees("Your next appointment");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 375, `the page is ${wide} pixels wide`);
    await page.check("input[name=headache][value=yes]", { force: true });
    await page.check("input[name=peak_pain_nrs][value='4']", { force: true });
    await patient.go("button:has-text('Save')");
    await patient.wasNotRefused();
    await patient.sees("kept");
    const before = await page.locator(".next .big").first().innerText();
    await patient.go(".next a:has-text('Move')");
    await patient.go("button.time >> nth=7");
    await patient.wasNotRefused();
    await patient.sees("Your next appointment");
    assert.notEqual(await page.locator(".next .big").first().innerText(), before);
    await patient.go("nav a:has-text('Book')");
    await patient.go("a.choice");
    await patient.go("button.time >> nth=20");
    await patient.wasNotRefused();
    await patient.leave();
  });

  test(`a patient reads a signed visit, the plan and who looked${how}`, async () => {
    const patient = await Person.as("patient", { ...phone, script });
    await patient.go("nav a:has-text('My visits')");
    await patient.go("ul.found a");
    await patient.sees("What comes next");
    await patient.sees("Body chart");
    const drawn = await patient.page.locator("img.drawing").evaluate((image) => image.complete && image.naturalWidth > 0);
    assert.ok(drawn, "the chart is drawn");
    await patient.go("nav a:has-text('Who looked')");
    await patient.sees("Who looked at my record");
    await patient.leave();
  });
}

test("a patient reaches nobody else's page", async () => {
  const desk = await Person.as("front_desk");
  await desk.open("/console/people");
  await desk.type("ximena kim");
  await desk.enter();
  const record = await desk.page.locator("ul.found a").first().getAttribute("href");
  await desk.leave();
  const patient = await Person.as("patient");
  const answer = await patient.open(record);
  assert.ok([403, 404].includes(answer.status()), String(answer.status()));
  await patient.leave();
});
