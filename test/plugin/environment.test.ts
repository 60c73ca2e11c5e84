import { expect, test } from 'vitest'
import { pluginEnvironment } from '../../src/plugin/environment.js'

test('gives a plugin what it needs to run and to reach its service', () => {
  const needed = {
    PATH: '/bin',
    HOME: '/home/a',
    HTTPS_PROXY: 'http://proxy',
    AWS_PROFILE: 'release',
    AZURE_TENANT_ID: 't',
    GOOGLE_APPLICATION_CREDENTIALS: '/key',
    VAULT_ADDR: 'https://vault',
    NOTATION_LIBEXEC: '/x',
    LC_ALL: 'C',
  }

  expect(pluginEnvironment(needed)).toEqual(needed)
})

test('keeps from a plugin what is no business of it', () => {
  const others = {
    REGISTRY_AUTH_FILE: '/auth',
    DOCKER_AUTH_CONFIG: '{}',
    GITHUB_TOKEN: 't',
    WAYBILL_CONFIG: '/c',
    NODE_OPTIONS: '--require x',
    LD_PRELOAD: 'x.so',
    DYLD_INSERT_LIBRARIES: 'x',
    path: '/bin',
    UNSET: undefined,
  }

  expect(pluginEnvironment(others)).toEqual({})
})
