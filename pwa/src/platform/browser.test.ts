import { expect, test as it } from "vitest";
import { surroundings } from "./browser";

const ANDROID = "Mozilla/5.0 (Linux; Android 12; SM-A125F) AppleWebKit/537.36 (KHTML, like Gecko)";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";

it("knows the windows of other apps on both systems", () => {
  for (const agent of [
    `${ANDROID} Version/4.0 Chrome/138.0.0.0 Mobile Safari/537.36 Zalo android/13050`,
    `${IPHONE} Mobile/20F66 Zalo iOS/600 ZaloTheme/light`,
    `${ANDROID} Version/4.0 Chrome/138.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/420.0.0.32.61;]`,
    `${IPHONE} Mobile/20F66 [FBAN/MessengerForiOS;FBAV/420.0.0.35.104;FBDV/iPhone12,1]`,
    `${ANDROID.replace("SM-A125F)", "SM-A125F; wv)")} Version/4.0 Chrome/138.0.0.0 Mobile Safari/537.36`,
    `${IPHONE} Mobile/20F66`,
  ]) {
    expect(surroundings(agent, 5), agent).toBe("inapp");
  }
});

it("knows an iPhone and an iPad in a browser, and no Mac", () => {
  expect(surroundings(`${IPHONE} Version/16.5 Mobile/20F66 Safari/604.1`, 5)).toBe("ios");
  expect(surroundings(`${IPHONE} CriOS/138.0.7204.156 Mobile/20F66 Safari/604.1`, 5)).toBe("ios");
  const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";
  expect(surroundings(`${mac} Version/16.5 Safari/605.1.15`, 5)).toBe("ios");
  expect(surroundings(`${mac} Version/16.5 Safari/605.1.15`, 0)).toBe("");
});

it("takes Chrome, Cốc Cốc and Samsung's browser for browsers", () => {
  expect(surroundings(`${ANDROID} Chrome/138.0.0.0 Mobile Safari/537.36`, 5)).toBe("");
  expect(surroundings(`${ANDROID} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`, 5)).toBe("");
  expect(surroundings(`${ANDROID} coc_coc_browser/138.0 Chrome/132.0.0.0 Mobile Safari/537.36`, 5)).toBe("");
});
