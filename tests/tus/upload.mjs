// One upload by tus-js-client, told by its last line: `done <url>`, `failed <status>` or, by `terminate`, `gone`.
//   node upload.mjs '{"endpoint": …, "file": …, "token": …, "sha256": …, "options": {…}, "url": …}'
// With `url` it goes on with an upload that was begun before; `options` are tus-js-client's own.
import { readFileSync } from "node:fs";
import * as tus from "tus-js-client";

const { endpoint, file, token, sha256, url, options } = JSON.parse(process.argv[2]);
const headers = { Authorization: `Bearer ${token}` };

const upload = new tus.Upload(readFileSync(file), {
  endpoint,
  uploadUrl: url,
  headers,
  metadata: { sha256, filename: "băng rôn.jpg" },
  retryDelays: [0, 100, 300, 1000, 1000, 1000, 1000, 1000],
  ...options,
  onSuccess: () => console.log(`done ${upload.url}`),
  onError: (error) => {
    const status = error.originalResponse?.getStatus() ?? 0;
    console.log(`failed ${status}`);
  },
});
if (options.terminate) {
  await tus.Upload.terminate(url, { headers, retryDelays: null });
  console.log("gone");
} else {
  upload.start();
}
