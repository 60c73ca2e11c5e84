// Stands in for the process that loads a PKCS#11 module, and does what a bad module does to it.
process.on('message', (/** @type {{ id: number, kind: string, request: Record<string, string> }} */ message) => {
  const { id, kind, request } = message
  switch (request['module'] ?? kind) {
    case 'hangs':
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
    case 'crashes':
      process.kill(process.pid, 'SIGSEGV')
      break
    case 'exits':
      process.exit(7)
      break
    case 'answers others':
      process.send?.({ id: id + 1, reply: {} })
      process.send?.({ id, reply: 'mine' })
      break
    case 'refuses':
      process.send?.({ id, failure: { reason: 'CKR_DEVICE_ERROR', found: [] } })
      break
    case 'close':
      break
    default:
      process.send?.({ id, reply: message })
  }
})
