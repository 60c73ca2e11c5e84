# Every kind of answer that a rule can give, one entrypoint each. Only the first four allow.
package answers

yes := true

allowed := {"allow": true}

allowed_in_full := {"allow": true, "deny": [], "reasons": set(), "refuse": {}}

has_input if input.schema == "waybill.policy-input.v1"

no := false

nothing if input.schema == "another"

number := 1

text := "true"

nil := null

list := [true]

empty := {}

allow_text := {"allow": "true"}

allow_number := {"allow": 1}

deny_only := {"deny": []}

misspelt := {"allow": true, "denny": ["no"]}

denied_after_all := {"allow": true, "deny": ["a second thought"]}

reasoned_after_all := {"allow": true, "reasons": {"a reason"}}

denied := {"allow": false, "deny": {"too old", "too \u001b[2Jlarge"}}

deny_text := {"allow": true, "deny": "no"}

deny_numbers := {"allow": true, "deny": [1]}

refused := {"allow": true, "refuse": {input.roots[0].name: "not this one"}}

refused_stranger := {"allow": true, "refuse": {"registry.example/other:1": "not this one"}}

refuse_list := {"allow": true, "refuse": ["registry.example/other:1"]}

fraction := {"allow": true, "reasons": [0.5]}

conflict := true if input.schema

conflict := false if input.bundle

clock if time.now_ns() > 0

random if rand.intn("seed", 10) >= 0

network if http.send({"method": "GET", "url": "http://127.0.0.1:1/"}).status_code == 200

runtime if opa.runtime().env

said if {
	print("not in the output of a program")
	data.lists.forbidden[_] == "nothing"
}

by_data if not forbidden

forbidden if input.bundle.stream in data.lists.forbidden

many := numbers.range(1, 100000000)

large := {"allow": true, "reasons": [concat("", [text | some _ in numbers.range(1, 500000)])]}

endless if {
	some a in span
	some b in span
	some c in span
	a < b
	b < c
	c < a
}

span := numbers.range(1, 100000)
