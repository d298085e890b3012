/** Who is calling. A credential maps to exactly one of these. */
export type Principal =
  | { readonly kind: 'agency'; readonly agency: string }
  | { readonly kind: 'register' }
  | {
      readonly kind: 'practitioner'
      readonly id: string
      readonly name: string
      readonly organisation: string
      readonly role: string
    }
  | { readonly kind: 'analyst'; readonly feed: string }
  | { readonly kind: 'operator' }

/** One name for each caller, for quotas and counts. */
export function nameOfPrincipal(principal: Principal): string {
  switch (principal.kind) {
    case 'agency':
      return `agency:${principal.agency}`
    case 'practitioner':
      return `practitioner:${principal.id}`
    case 'analyst':
      return `analyst:${principal.feed}`
    case 'register':
    case 'operator':
      return principal.kind
  }
}
