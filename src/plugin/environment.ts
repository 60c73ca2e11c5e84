type Environment = Readonly<Record<string, string | undefined>>

// What any program needs to run, to find its own configuration, and to reach a service through a proxy.
const NAMES: ReadonlySet<string> = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'TEMP', 'TMP'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'DBUS_SESSION_BUS_ADDRESS', 'SSH_AUTH_SOCK', 'GPG_AGENT_INFO'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
  ...['MSI_ENDPOINT', 'MSI_SECRET', 'IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'SOFTHSM2_CONF'],
  ...['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'],
])

// How the services that keep keys are configured: their own names, and notation's.
const PREFIXES = [
  ...['LC_', 'XDG_', 'AWS_', 'AZURE_', 'GOOGLE_', 'CLOUDSDK_', 'ALIBABA_CLOUD_', 'TENCENTCLOUD_', 'OCI_', 'IBMCLOUD_'],
  ...['VAULT_', 'BAO_', 'VSIGN_', 'PKCS11_', 'NOTATION_'],
]

/**
 * What of the environment a plugin is given: enough to run and to reach its service, and nothing else. Other programs keep
 * registry passwords and tokens there, which are no plugin's business; and a variable such as NODE_OPTIONS or LD_PRELOAD
 * changes what a program is.
 */
export function pluginEnvironment(environment: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && (NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix)))
        ? [[name, value]]
        : [],
    ),
  )
}
