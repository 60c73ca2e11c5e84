// The one door to pkijs, so that there is one place to look at. It is used to take structures apart and to put them
// together; which signatures, chains and times count is decided by our own rules, because its engine knows neither path
// lengths nor extended key usages. When it is evaluated it stores an engine over the runtime's own WebCrypto in the global
// object, under a name of its own; that needs no set-up, and nothing here adds to it.
export {
  AlgorithmIdentifier,
  AuthenticatedSafe,
  CertBag,
  ContentInfo,
  EncryptedData,
  IssuerAndSerialNumber,
  MessageImprint,
  PBES2Params,
  PBKDF2Params,
  PFX,
  PKCS8ShroudedKeyBag,
  PKIStatusInfo,
  PrivateKeyInfo,
  RSASSAPSSParams,
  SignedData,
  SignerInfo,
  TimeStampReq,
  TimeStampResp,
} from 'pkijs'
