// Renews the list when the hub says that something has changed. Nothing is kept in the browser.
const live = document.querySelector('[data-live]')
const part = live?.querySelector('[data-live-part]')
const said = live?.querySelector('[data-live-said]')

let renewing = false
let again = false

async function renew() {
  if (renewing) {
    again = true
    return
  }
  renewing = true
  try {
    // Renewing is no use of the page: it must not keep somebody signed in who has left the desk.
    const headers = { accept: 'text/html, text/event-stream' }
    const answer = await fetch(location.href, { headers })
    // Signed out, or no longer ours to see: the page itself must say so.
    if (!answer.ok || answer.redirected) return location.reload()
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const next = fresh.querySelector('[data-live-part]')
    if (next === null || next.innerHTML === part.innerHTML) return
    const focused = document.activeElement?.id
    const opened = part.querySelector('details[open]') !== null
    part.replaceChildren(...next.childNodes)
    if (opened) for (const details of part.querySelectorAll('details')) details.open = true
    if (focused) document.getElementById(focused)?.focus()
    said.textContent = 'The list has changed.'
    awaitDue()
  } finally {
    renewing = false
    if (again) {
      again = false
      void renew()
    }
  }
}

/** Once more when the next thing becomes overdue. */
let nextDue
function awaitDue() {
  clearTimeout(nextDue)
  const times = [...part.querySelectorAll('[data-due]')].map((one) => Date.parse(one.dataset.due))
  const left = Math.min(...times.filter((at) => at > Date.now())) - Date.now()
  if (left < 12 * 3_600_000) nextDue = setTimeout(() => void renew(), left + 1000)
}

const idleMsMax = 15 * 60_000
let usedAt = Date.now()

if (part) {
  const events = new EventSource(live.dataset.live)
  events.addEventListener('changed', () => void renew())
  // Closed for good: signed out, here or in another window.
  events.addEventListener(
    'error',
    () => events.readyState === EventSource.CLOSED && location.reload(),
  )
  // A page brought back by the Back button shows what is true now.
  addEventListener('pageshow', (event) => event.persisted && location.reload())
  for (const use of ['pointerdown', 'keydown']) addEventListener(use, () => (usedAt = Date.now()))
  // By then the session has ended too; what is on the screen must not outlive it.
  setInterval(() => Date.now() - usedAt > idleMsMax + 5000 && location.reload(), 30_000)
  awaitDue()
}
