// Every screen that has an address of its own, and those that belong to somebody.
export const SCREENS = [
  "/console/desk", "/console/book", "/console/people", "/console/people/new", "/console/unconfirmed", "/console/follow-ups",
  "/console/waitlist", "/console/affected", "/console/stock", "/console/practice", "/console/practice/locations",
  "/console/practice/types", "/console/practice/providers", "/console/practice/hours", "/console/practice/closures",
  "/console/practice/time-off", "/console/practice/users", "/console/practice/rules", "/console/my-care",
  "/console/my-care/book", "/console/my-care/record", "/console/my-care/outcomes", "/console/my-care/access", "/console/audit",
];

/** Screens of one person, appointment, visit, procedure or lot, found as the role finds them. */
export async function found(person, role) {
  const { page } = person;
  const screens = [];
  const take = async (selector) => {
    const links = page.locator(selector);
    return (await links.count()) ? links.first().getAttribute("href") : null;
  };
  if (role === "patient") {
    await person.open("/console/my-care/record");
    screens.push(await take("ul.found a"));
    await person.open("/console/my-care");
    const move = await take(".next a.button");
    screens.push(move);
    return screens.filter(Boolean);
  }
  if (role === "auditor") return screens;
  await person.open("/console/people");
  await page.fill("main #text", "muller");
  await person.go("main form button");
  const record = await take("ul.found a");
  screens.push(record, `${record}?tab=appointments`, `${record}?tab=contacts`, `${record}?tab=follow-ups`, `${record}/edit`);
  if (role === "provider" || role === "assistant") {
    screens.push(`${record}?tab=facts`, `${record}/outcomes`);
    await person.open(`${record}?tab=chart`);
    const visit = await take("main td a[href*='/visits/']");
    if (visit) {
      screens.push(visit);
      await person.open(visit);
      screens.push(await take("main a[href*='/procedures/']"));
    }
  }
  await person.open("/console/unconfirmed");
  const appointment = await take("main td a[href*='/appointments/']");
  if (appointment) screens.push(appointment, appointment.replace("?", "/move?"));
  if (role === "admin" || role === "assistant") {
    await person.open("/console/stock");
    screens.push(await take("main td a"));
  }
  return screens.filter(Boolean);
}
