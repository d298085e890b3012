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
