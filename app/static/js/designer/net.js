// Calls to our own server: JSON in, JSON out, a time limit, and refusals as errors that carry what the server said.

const LIMIT_MS = 20_000;

export class Refused extends Error {
  constructor(status, answer) {
    super(answer?.message || `HTTP ${status}`);
    this.status = status;
    this.answer = answer || {};
  }
}

/** No answer came: the network, the server, or the time limit. */
export class Unreachable extends Error {}

export function caller(csrf) {
  return async function call(method, url, body, { text = false, signal } = {}) {
    const limit = AbortSignal.timeout(LIMIT_MS);
    let response;
    try {
      response = await fetch(url, {
        method,
        credentials: 'same-origin',
        headers: { 'X-CSRFToken': csrf, Accept: text ? 'text/html' : 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Unreachable(String(error));
    }
    if (response.ok && text) return response.text();
    const answer = await response.json().catch(() => null);
    if (!response.ok) {
      if (response.status >= 502) throw new Unreachable(`HTTP ${response.status}`);
      throw new Refused(response.status, answer);
    }
    return answer;
  };
}
