/** What persons are forgotten with. */
export const privacySecret = 'forget-secret-not-a-real-one-0123456789'

export const privacyEnv = { REELHOUSE_PRIVACY_SECRET: privacySecret }

export const privacySection = `
privacy:
  secret: \${REELHOUSE_PRIVACY_SECRET}
`
