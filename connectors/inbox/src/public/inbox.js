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
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } })
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
  } finally {
    renewing = false
    if (again) {
      again = false
      renew()
    }
  }
}

if (part) {
  new EventSource(live.dataset.live).addEventListener('changed', renew)
  // A page brought back by the Back button shows what is true now.
  addEventListener('pageshow', (event) => event.persisted && renew())
  // "2 hours left" must not stand still while nothing else happens.
  setInterval(() => document.visibilityState === 'visible' && renew(), 60_000)
}
