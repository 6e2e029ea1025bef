// Package rolestest tests roles together: a state server, or two, and a client agent,
// with clients and AIs, all in one process or each in a process of its own.
//
// Its tests are about order. What one participant sends takes effect in the order
// sent (guarantee 5 of package bridge). In one process that is so because the roles
// do all of one datagram before the next. So one process is the measure: sequences of
// datagrams, all pairs of them and longer ones by chance, are sent there and in every
// way in which processes can be joined, and each hearer must hear the same.
package rolestest
