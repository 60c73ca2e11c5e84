package waybill

default allow := false

allow if count(deny) == 0

# A week is enough to carry something across the road.
deny contains "the bundle is more than a week old" if {
	input.bundle.ageSeconds > ((7 * 24) * 60) * 60
}

deny contains sprintf("%s has no SBOM", [root.name]) if {
	some root in input.roots
	not has_sbom(root.digest)
}

has_sbom(digest) if {
	some lookup in input.lookups
	lookup.subject == digest
	some referrer in lookup.found
	referrer.artifactType in {"application/spdx+json", "application/vnd.cyclonedx+json"}
}

# Release candidates stay out, and the rest may come in.
refuse[root.name] := "a release candidate" if {
	some root in input.roots
	contains(root.tag, "-rc")
}

verdict := {"allow": allow, "deny": deny, "refuse": refuse}
