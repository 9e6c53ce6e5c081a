import { exampleOf } from '../api-docs.js';
import { problemCodes, problems, rowOf, type ProblemCode } from '../problems.js';

/** The catalogue: every code that the API may answer with. */
export function cataloguePage(): string {
  const byStatus = Map.groupBy(problemCodes, (code) => problems[code].status);
  const sections = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(
      ([status, codes]) =>
        `<h2>${status}</h2>\n<dl>\n${codes
          .map(
            (code) =>
              `<dt><a href="/problems/${code}"><code>${code}</code></a></dt><dd>${html(rowOf(code).title)}</dd>`,
          )
          .join('\n')}\n</dl>`,
    );
  return page(
    'Problems',
    `<p>Every answer of status 4xx or 5xx is one of these, as <code>application/problem+json</code>
(<a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>). Programs should look at <code>code</code>.</p>\n${sections.join('\n')}`,
  );
}

/** What one code means, what can be done, and what its answer looks like. */
export function problemPage(code: ProblemCode): string {
  const { status, title, meaning, remedy, retryable } = rowOf(code);
  const example = JSON.stringify(exampleOf(code), undefined, 2);
  return page(
    title,
    `<p><code>${code}</code>, status ${status}. ${retryable ? 'The same request may succeed later.' : 'The same request will fail again until something changes.'}</p>
<h2>What happened</h2>
<p>${html(meaning)}</p>
<h2>What you can do</h2>
<p>${html(remedy)}</p>
<h2>Example</h2>
<pre>${html(example)}</pre>
<p><a href="/problems">All problems</a></p>`,
  );
}

function page(title: string, body: string): string {
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

/** Text of the table as HTML; what stands in backticks is code. */
const html = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/`([^`]+)`/g, '<code>$1</code>');
