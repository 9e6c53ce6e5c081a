import { exampleOf } from '../api-docs.js';
import { html, htmlPage } from '../html-page.js';
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
  return htmlPage(
    'Problems',
    `<p>Every answer of status 4xx or 5xx is one of these, as <code>application/problem+json</code>
(<a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>). Programs should look at <code>code</code>.</p>\n${sections.join('\n')}`,
  );
}

/** What one code means, what can be done, and what its answer looks like. */
export function problemPage(code: ProblemCode): string {
  const { status, title, meaning, remedy, retryable } = rowOf(code);
  const example = JSON.stringify(exampleOf(code), undefined, 2);
  return htmlPage(
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
