import { ConfigError } from '../domain/errors.ts'

/** Node's switch would turn verification off for everything at once, credentials included. Throws ConfigError. */
export const requireVerification = (env: NodeJS.ProcessEnv): void => {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return
  throw new ConfigError([
    'NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment: certificates would not be verified, and credentials could go to ' +
      'anybody; take it away, and name the certificate authority in ca_file of the connection, or sslrootcert of the ' +
      'warehouse URL',
  ])
}
