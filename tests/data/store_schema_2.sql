INSERT INTO bench_machine (key) VALUES
('aa');
INSERT INTO bench_machine (key) VALUES
('bb');
INSERT INTO bench_environment (digest, context) VALUES
('c083bb19be4e698d859342da2866129d8e29c79356e674b6722b1554b7dfd7fe', '{
  "cpu_model": "A, 1",
  "git_revision": "abc1",
  "machine_key": "aa"
}
');
INSERT INTO bench_environment (digest, context) VALUES
('df4f76271835204a3943a4309d16150313a12c451a897e4ac061902391f3cffa', '{
  "cpu_model": "A, 1",
  "git_revision": "abc2",
  "machine_key": "aa"
}
');
INSERT INTO bench_environment (digest, context) VALUES
('686bfc2859515a3e542e7a7a4e82917c498a4d42bd794cdeee99caa9ac34a766', '{
  "cpu_model": "A, 1",
  "git_revision": "abc3",
  "machine_key": "aa"
}
');
INSERT INTO bench_environment (digest, context) VALUES
('86ec0e205519ce061efa046006ca7ef7726eb507e08b578720efd64eb23464f3', '{
  "cpu_model": "B",
  "git_revision": "abc4",
  "machine_key": "bb"
}
');
INSERT INTO bench_cell (name) VALUES
('Mmap/file:new/sync:none/size:10485760/chunk:4096/manual_time');
INSERT INTO bench_cell (name) VALUES
('Mmap/file:new/sync:none/size:10485760/chunk:65536/manual_time');
INSERT INTO bench_cell (name) VALUES
('Write/file:new/sync:none/size:10485760/chunk:4096/manual_time');
INSERT INTO bench_cell (name) VALUES
('Write/file:new/sync:none/size:10485760/chunk:65536/manual_time');
INSERT INTO bench_run (id, machine, date_s, added_s, revision, source, cells, samples, errors, environment, context, bytes) VALUES
('0c463a47ddec35f6153bcffd2576db71bc6e91a2f9af7dc47340fdee89ab0d43', 1, 1767225600, 1795737096, 'abc1', 'a1.json', 4, 12, 0, 1, '{
  "date": "2026-01-01T00:00:00+00:00",
  "load_avg": "\u000a   0.1,\u000a   0.2,\u000a   0.3\u000a  "
}
', 4346);
INSERT INTO bench_run (id, machine, date_s, added_s, revision, source, cells, samples, errors, environment, context, bytes) VALUES
('8a3d80e56073e039020387a004359c5afd64fdbe77849a2c978e389cce925b03', 1, 1767312000, 1795737096, 'abc2', 'a2.json', 3, 9, 0, 2, '{
  "date": "2026-01-02T00:00:00+00:00",
  "load_avg": "\u000a   0.1,\u000a   0.2,\u000a   0.3\u000a  "
}
', 3302);
INSERT INTO bench_run (id, machine, date_s, added_s, revision, source, cells, samples, errors, environment, context, bytes) VALUES
('6b7c575daaa4ff117a97a6d974068625f468372d62093fc3ea769f923f379b00', 1, 1767398400, 1795737096, 'abc3', 'a3.json', 4, 12, 0, 3, '{
  "date": "2026-01-03T00:00:00+00:00",
  "load_avg": "\u000a   0.1,\u000a   0.2,\u000a   0.3\u000a  "
}
', 4346);
INSERT INTO bench_run (id, machine, date_s, added_s, revision, source, cells, samples, errors, environment, context, bytes) VALUES
('1d7af4de0c34e5a4302f0cf101e1bed13ac97dbfdafedf6385f606c59bc7bc7f', 2, 1767484800, 1795737096, 'abc4', 'b1.json', 4, 12, 0, 4, '{
  "date": "2026-01-04T00:00:00+00:00",
  "load_avg": "\u000a   0.1,\u000a   0.2,\u000a   0.3\u000a  "
}
', 4343);
INSERT INTO bench_text (run, zstd) VALUES
(1, X'28b52ffd60fa0fbd0e00f6954422304be50118d3bc331e4bd217dfb8aba929bc5418ccd070a44c62133fc8888c22c0123c003c003900f271e681b40f95a8c247f1d204674480f3cc53e3044d2917af886f693365452c00d83de09df04e24addb62b8fe4a66312b0786eb32fcb5cf5cac1c0253338d4e14e41dedf01ba864bc7d2c9c7621190b6fe13b14c1806415a8d22e961491accdb47fb058211e5819302bd758b3b3666655c0702528c8c804d2b4a89de257caba97099a6f79ccbd9de147cec88f9adb0c17c333964647ef431fad2ba3bf145adc68a768f1577aa323272bab912c7d40850d0fca80957384b9d6da53d872b8e20a73ef6461cd9b531ef3c31f92b0eefe4b2302a531d7ed35e69e2cceda3904490ef6bcb937a63467b5024ba85131420ce5044d6a14a603a002919a226e031260c2240632040cc10cc1df12fc0d596241d20379c3caf859378eaf6f07686c655c9aab9762172e52768aada9feba20f3468535512e5483d74bb998de62d67470a106a243682e301e97d0aedbc93966ed6b00ba02bc0de89bea940cec5e9b1573810ac168176f41cef68b023a82f19ae7416023a9aed7e449f34617dcdd06d88e8e8e5477632d601f0c4b9fc992f8ba6dd9623233e39f351ebf84da2d4d95226abb0a9608f52afb98fa62f0a901');
INSERT INTO bench_text (run, zstd) VALUES
(2, X'28b52ffd60e60b4d0d0056d542234087ea0130867616dbcabd0b0ea68be458182c351153b66d4648d2d556a5c9f038260739003a0038008c21b311a528e3a77869c2b910b0f827aab192a6948e57c4b7149ab2161800ec1e706df0362cae1d63c8feca8731af0743761b7f6d3419af47493b7c044a216f230ba77550c8c15bf80b6a8048b20a546919538a495668da47305e85045e07e6f55c6bf6d6ccbc0a18b20443c647460b371132dd4e254dd7344fda19fee48ffc09bacd9035feb1343e7a5f7a1bd12ba7bf5472dc68ab89f1577ae34256565664713a810a5b4113e985519a09ebc0cb19a5bde7ded28d79ee28de16d77fe944e03a692f712f619a3ff7a734a69fa22c4f719a3fd778d39e735e8caa18b555fc4a5b3d209002111b236a03119539ef056a99f38a143585605ea8865070a57239afb790a2268f02d440a87e52b9f35ea096715ebb2cc5740cc42c39a121062c4deb36a014a6634032204a9669d9f356a496739e78cb28b0b52e025806f323bc37b8b923cdc333c6a4069eeb124a6f40145e3411c8a05de9f01a2c111596a8c01b4e6d6a839973db931cb741735c7532361cddc111c2ab1c98772cb6580f');
INSERT INTO bench_text (run, zstd) VALUES
(3, X'28b52ffd60fa0fd50e00f65544214069f418466d4616b852b41815fc5d8d81889ac44464288a48b063733ba3b8f89a3c003c0039000de39245c58d852cc23f34db03d68700e695e6d2c8496a6d3c833eb64b52ef41014cf701e708e688d8bca99eea7355547762e8a9b2c267dc24aa13434b72784c40f99ccd5fb0d0f1b8c133c10de848783c9fb1068753afc0ad5835c478ea5d12fc0bd5e9d0d049d19d5c5bde6c7977a7829eea00a152a5060a8a94c511fd6b973bd2f3c9e5bcb19eff30a5feb364efa9145ec1963a9bdff947e5fa7cb64e23531c3daaffda4c991ae17a8f88f89b0c1c050d49d1492271b9d6da8290c92757f3c46ab0218d2df7188c6ec9e69fed43d01cb2186c2ccac59cc5842fc91c8431c6b7a06b0f790b3ed6294da8612d220cad0993d4284c079002911a22db061260f2288431040cc10cc19f12fc0d996241da01f1667005bdb856c7318eafcb0e1eb0b13b3717150a4ab8bab7535ad7d5b2bb0b9b339b5613bb6935303dc1b17b8bb82658851a28f78a935fb04cd92e3dd375ccd26ec8b51cdc06e499ae2c1950584ebb5d5170a6784b1b9b9908e83de6b83e740aed924d241df49c34613ae51465db18da5172d17ab7a7a0ea3eb3e4299935d58dc656173373fcbbc3fba860da9d6a35f421352e51e295c0799ba30eab01');
INSERT INTO bench_text (run, zstd) VALUES
(4, X'28b52ffd60f70fb50e0016164521306bf39865f5dbbf5f8446aa9ec76a37d09806334870b44a0a88314803075d151c3e003d003900742a7461b89aa078b18e55f866669b20c07865b9f3616a22d1f8c57c6c15955e440290ee04ce03960740e62cb54c9fa992ba9143cb94193ee3a5a6460e014e2ef0a3a88743e425ce97fc06eb1c8f172c2b6e38c7c263f90c8b7030f40e5c8a533b8b865e45c59f488d100f8d0eba5163ca7b29ef6e64d032252804cead46c97992c5cffc6b957b7c981a5d79e2ace5374ba1df28b2b74c0caf603b9bcdcf7c93326d3e5ba691277e9ad47f6d9e0cfa607a0f183d0fe8a0916388f2c79a2fe56d3d0815830e1754cdb1c43d05e38a11aac5fcb36d0a90f8545bec3944455f489228a4bd07e37baa45c6a053014ba841353208b10993d4284c07a002919aa26a031260c2240632040cc10cc1df12fc0dd85a41d20359a3cf585a76c757854358961864cd45873a162e42ec146682fe5e60fca8809a20fad540f1c518ea2d1a351d0d6aa0dabb81bf78adbc5d8d8957cc92dc60c8721d37203d955a3230b3b6ec5a91183ef1d60bb63bfeff04335d6e65634a972e7ee2981e0073a8a8a98f64d11193ca6e56812b46b344452c512bdac42c543333feb398e08f5abb559853089548e54b847a957d4c7931f8d4');
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(1, 1, 1015198.0, 1011898.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(1, 2, 1016736.0, 1003276.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(1, 3, 1006813.0, 1000658.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(1, 4, 1017615.0, 1011717.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(2, 1, 1027885.5, 1023818.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(2, 2, 1019637.0, 1007531.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(2, 3, 1029865.0, 1026159.0000000001, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(3, 1, 1219654.0, 1203842.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(3, 2, 1209968.5, 1201861.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(3, 3, 1235747.0, 1228365.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(3, 4, 1233273.0, 1223698.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(4, 1, 2062276.5, 2044462.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(4, 2, 2011671.0, 2009745.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(4, 3, 2032657.5, 2021699.0, 3, 0);
INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES
(4, 4, 2040413.5, 2030103.0, 3, 0);
INSERT INTO bench_blessing (machine, cell, run, reason, time_s) VALUES
(1, NULL, 3, 'a new library, ''as planned''', 1795737097);
