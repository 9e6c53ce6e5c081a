/** A page for people. `body` is HTML: text in it goes through `html`. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${html(title)} · Commerce Ledger</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
pre{background:#f4f5f7;padding:1rem;overflow:auto}code{background:#f4f5f7;padding:0 .2rem}dt{margin-top:.5rem}</style>
</head>
<body>
<h1>${html(title)}</h1>
${body}
</body>
</html>
`;
}

/** Text as HTML; what stands in backticks is code. */
export const html = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/`([^`]+)`/g, '<code>$1</code>');
