//! Webhooks: what is sent, in which order, how often, to whom; and what is not.

use std::sync::Arc;

use serde_json::{Value, json};
use tanyin::dataset::Role;
use tanyin::feed::{
    AllowRule, Allowed, BACK_OFF, Courier, NewWebhook, WebhookChange, change_webhook, create_webhook, show_webhook, webhook_deliveries,
};
use tanyin::release::{Catalogue, Clock};
use tanyin::store::{Webhook, WebhookDelivery};

use super::{ask, bearer, ok};
use crate::on_both;
use crate::site::consumers::python;
use crate::site::receiver::{Notice, Receiver};
use crate::site::{PackageDraft, Site, row};

fn released(site: &Site, versions: u64) {
    for version in 0..versions {
        let rows =
            (0..=version).map(|number| row(&format!("k{number}"), &[("region", ["CN", "CN-ZJ", "CN-BJ", "CN-TJ"][number as usize])]));
        site.publish(&PackageDraft::new("made", &format!("1.{version}.0"), rows.collect()));
    }
}

fn catalogue(site: &Site) -> Arc<Catalogue> {
    Arc::new(Catalogue::load(site.ground()).unwrap())
}

fn subscribe(site: &Site, url: &str) -> Webhook {
    let new = NewWebhook { url: url.to_owned(), after: Some(-1), ..NewWebhook::default() };
    create_webhook(site.ground(), &catalogue(site), &new, "li").unwrap()
}

/// Who may send to loopback, at a time of day.
fn courier(site: &Site, clock: Clock) -> Courier {
    let rules: Vec<AllowRule> = vec!["127.0.0.1".parse().unwrap()];
    Courier::new(site.ground().clone().with_clock(clock), Arc::new(Allowed::from(rules)), "https://factors.example").unwrap()
}

fn deliver(courier: &Courier, site: &Site) {
    courier.run_due(&catalogue(site)).unwrap();
    courier.settle();
}

fn log(site: &Site, hook: &Webhook) -> Vec<WebhookDelivery> {
    let mut all = webhook_deliveries(site.ground(), &hook.id, None, 1000).unwrap();
    all.reverse();
    all
}

fn noon() -> jiff::Timestamp {
    "2027-01-01T12:00:00Z".parse().unwrap()
}

fn four_seconds_later() -> jiff::Timestamp {
    "2027-01-01T12:00:04Z".parse().unwrap()
}

fn a_minute_later() -> jiff::Timestamp {
    "2027-01-01T12:01:00Z".parse().unwrap()
}

fn a_day_later() -> jiff::Timestamp {
    "2027-01-02T13:00:00Z".parse().unwrap()
}

/// Whether an independent program finds the signature sound.
fn verified(notice: &Notice, secret: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notice.json");
    std::fs::write(&file, json!({"headers": notice.headers, "body": notice.body}).to_string()).unwrap();
    python("webhook.py", &[secret, file.to_str().unwrap()]).trim().to_owned()
}

on_both!(
    fn every_event_once_in_order_and_signed(site: &Site) {
        released(site, 3);
        let receiver = Receiver::new();
        let hook = subscribe(site, &receiver.url);
        deliver(&courier(site, noon), site);
        assert_eq!(receiver.seqs(), [0, 1, 2]);
        deliver(&courier(site, noon), site);
        let notices = receiver.notices();
        assert_eq!(notices.len(), 3, "nothing is told twice");
        for (seq, notice) in notices.iter().enumerate() {
            assert_eq!(notice.headers["webhook-id"], format!("{}_{seq}", hook.id));
            assert_eq!(notice.headers["webhook-timestamp"], noon().as_second().to_string());
            assert_eq!(notice.headers["content-type"], "application/json");
            assert!(notice.headers["user-agent"].starts_with("tanyin/"));
            assert_eq!(verified(notice, &hook.secret), "valid");
            assert_eq!(verified(notice, "whsec_AAAA"), "wrong");
            let altered = Notice { body: notice.body.replace("made", "mode"), ..notice.clone() };
            assert_eq!(verified(&altered, &hook.secret), "wrong");
        }
        let mut event = ok(site, "/v1/events?after=1").json()["events"][0].clone();
        for link in event["links"].as_object_mut().unwrap().values_mut() {
            *link = json!(format!("https://factors.example{}", link.as_str().unwrap()));
        }
        let body = notices[2].json();
        assert_eq!(body, json!({"type": "release", "timestamp": event["at"], "data": event}));
        let told: Vec<_> = log(site, &hook).into_iter().map(|one| (one.seq, one.attempt, one.status, one.outcome)).collect();
        assert_eq!(told, [0, 1, 2].map(|seq| (Some(seq), 1, Some(204), "delivered".to_owned())));
    }
);

on_both!(
    fn what_fails_is_tried_again_and_nothing_overtakes_it(site: &Site) {
        released(site, 2);
        let receiver = Receiver::new();
        receiver.will_answer(&["500", "302 location: http://127.0.0.1:1/", "503 retry-after: 3000"]);
        let hook = subscribe(site, &receiver.url);
        deliver(&courier(site, noon), site);
        assert_eq!(receiver.seqs(), [0], "the second event waits for the first");
        deliver(&courier(site, four_seconds_later), site);
        assert_eq!(receiver.seqs(), [0], "the first wait is {} seconds", BACK_OFF[0]);
        deliver(&courier(site, a_minute_later), site);
        assert_eq!(receiver.seqs(), [0, 0], "a redirect is no delivery, and is not followed");
        let now = show_webhook(site.ground(), &hook.id).unwrap();
        assert_eq!((now.seen, now.attempts), (-1, 2));
        deliver(&courier(site, a_day_later), site);
        assert_eq!(receiver.seqs(), [0, 0, 0]);
        let waiting = show_webhook(site.ground(), &hook.id).unwrap().next_at.unwrap();
        assert!(waiting.as_str() >= "2027-01-02T13:50:00Z", "Retry-After is followed: {waiting}");
        // switched on again, it does not wait any longer
        change_webhook(site.ground(), &catalogue(site), &hook.id, &WebhookChange { active: Some(true), ..WebhookChange::default() }, "li")
            .unwrap();
        deliver(&courier(site, a_day_later), site);
        assert_eq!(receiver.seqs(), [0, 0, 0, 0, 1]);
        let ids: Vec<String> = receiver.notices().iter().map(|notice| notice.headers["webhook-id"].clone()).collect();
        assert!(ids[..4].iter().all(|id| *id == ids[0]) && ids[4] != ids[0], "a message keeps its id: {ids:?}");
        let told: Vec<_> = log(site, &hook).into_iter().map(|one| (one.seq, one.attempt, one.status, one.outcome)).collect();
        let wanted = [(0, 1, 500, "retry"), (0, 2, 302, "retry"), (0, 3, 503, "retry"), (0, 1, 204, "delivered"), (1, 1, 204, "delivered")];
        assert_eq!(told, wanted.map(|(seq, attempt, status, outcome)| (Some(seq), attempt, Some(status), outcome.to_owned())));
    }
);

on_both!(
    fn whoever_answers_410_is_left_alone(site: &Site) {
        released(site, 2);
        let (receiver, dead) = (Receiver::new(), Receiver::new());
        dead.will_answer(&["410"]);
        let (own, gone) = (subscribe(site, &receiver.url), subscribe(site, &dead.url));
        deliver(&courier(site, noon), site);
        deliver(&courier(site, a_day_later), site);
        assert_eq!((receiver.seqs(), dead.seqs()), (vec![0, 1], vec![0]), "one that is dead does not hold up the others");
        let now = show_webhook(site.ground(), &gone.id).unwrap();
        assert!(now.active == 0 && now.stopped.unwrap().contains("410"));
        assert_eq!(log(site, &gone)[0].outcome, "stopped");
        change_webhook(site.ground(), &catalogue(site), &gone.id, &WebhookChange { active: Some(true), ..WebhookChange::default() }, "li")
            .unwrap();
        deliver(&courier(site, a_day_later), site);
        assert_eq!(dead.seqs(), [0, 0, 1], "it goes on where it was stopped");
        assert_eq!(log(site, &own).len(), 2);
    }
);

on_both!(
    /// A server that died in the middle of telling leaves a lease; when it has run out, another one tells it again.
    fn a_dead_server_is_succeeded(site: &Site) {
        released(site, 1);
        let receiver = Receiver::new();
        let hook = subscribe(site, &receiver.url);
        let leased = Webhook { lease: Some("dead".into()), lease_until: Some("2027-01-01T12:00:30Z".into()), ..hook.clone() };
        site.ground().database().unwrap().write(|c| tanyin::store::webhook_put(c, &leased)).unwrap();
        deliver(&courier(site, noon), site);
        assert_eq!(receiver.notices().len(), 0, "another server has it");
        deliver(&courier(site, a_minute_later), site);
        assert_eq!(receiver.seqs(), [0]);
        let now = show_webhook(site.ground(), &hook.id).unwrap();
        assert_eq!((now.seen, now.lease), (0, None));
    }
);

on_both!(
    /// Servers on one database: each event is told once, by whichever.
    fn servers_share_the_work(site: &Site) {
        released(site, 4);
        let receivers: Vec<Receiver> = (0..6).map(|_| Receiver::new()).collect();
        receivers.iter().for_each(|receiver| drop(subscribe(site, &receiver.url)));
        let couriers: Vec<Courier> = (0..4).map(|_| courier(site, noon)).collect();
        std::thread::scope(|scope| {
            for courier in &couriers {
                scope.spawn(|| {
                    let catalogue = catalogue(site);
                    for _ in 0..5 {
                        // SQLite refuses a writer that would wait too long: it comes again
                        drop(courier.run_due(&catalogue));
                        courier.settle();
                    }
                });
            }
        });
        for receiver in &receivers {
            assert_eq!(receiver.seqs(), [0, 1, 2, 3]);
        }
    }
);

on_both!(
    fn two_secrets_sign_for_a_day(site: &Site) {
        released(site, 2);
        let receiver = Receiver::new();
        let hook = subscribe(site, &receiver.url);
        let change = WebhookChange { rotate_secret: true, ..WebhookChange::default() };
        let ground = site.ground().clone().with_clock(noon);
        let changed = change_webhook(&ground, &catalogue(site), &hook.id, &change, "li").unwrap();
        assert_ne!(changed.secret, hook.secret);
        deliver(&courier(site, a_minute_later), site);
        courier(site, a_day_later).test(&hook.id).unwrap();
        let notices = receiver.notices();
        let sound = |notice: &Notice| [verified(notice, &hook.secret), verified(notice, &changed.secret)];
        assert_eq!(sound(&notices[0]), ["valid", "valid"]);
        assert_eq!(sound(&notices[2]), ["wrong", "valid"]);
    }
);

on_both!(
    fn nothing_is_sent_to_what_is_not_public(site: &Site) {
        released(site, 1);
        let receiver = Receiver::new();
        let hook = subscribe(site, &receiver.url);
        let strict = Courier::new(site.ground().clone().with_clock(noon), Arc::default(), "").unwrap();
        deliver(&strict, site);
        assert_eq!(receiver.notices().len(), 0);
        let refused = &log(site, &hook)[0];
        assert!(refused.status.is_none() && refused.error.as_ref().unwrap().contains("--webhook-allow"), "{refused:?}");
        // a name that resolves to what is not public is found out when it is resolved
        let named = change_webhook(
            site.ground(),
            &catalogue(site),
            &hook.id,
            &WebhookChange { url: Some(receiver.url.replace("127.0.0.1", "localhost.")), ..WebhookChange::default() },
            "li",
        );
        let elsewhere = Courier::new(site.ground().clone(), Arc::new(vec!["10.0.0.0/8".parse::<AllowRule>().unwrap()].into()), "").unwrap();
        let tested = elsewhere.test(&named.unwrap().id).unwrap();
        assert_eq!((tested.outcome.as_str(), tested.status), ("failed", None));
        assert!(tested.error.as_ref().unwrap().contains("no public address"), "{tested:?}");
        assert_eq!(receiver.notices().len(), 0);
    }
);

#[track_caller]
fn made(site: &Site, token: &str, body: &Value) -> Value {
    let made = ask(site, token, "POST", "/v1/webhooks", Some(&body.to_string()));
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.header("location"), Some(format!("/v1/webhooks/{}", made.json()["id"].as_str().unwrap()).as_str()));
    made.json()
}

on_both!(
    /// Over HTTP, with the server's own thread telling what happens.
    fn from_subscription_to_redelivery(site: &Site) {
        released(site, 1);
        site.wait_for_facts(1);
        let (receiver, token) = (Receiver::new(), bearer(site, "Li", Role::Steward));
        let hook = made(site, &token, &json!({"url": receiver.url, "datasets": ["made"], "types": ["withdraw", "release"]}));
        assert_eq!((&hook["seen"], &hook["created_by"]), (&json!(0), &json!("Li")));
        let (home, secret) = (format!("/v1/webhooks/{}", hook["id"].as_str().unwrap()), hook["secret"].as_str().unwrap().to_owned());
        let of = |method: &str, path: &str, body: Option<&str>| ask(site, &token, method, &format!("{home}{path}"), body);
        for shown in [of("GET", "", None).text(), ask(site, &token, "GET", "/v1/webhooks", None).text()] {
            assert!(shown.contains(hook["id"].as_str().unwrap()) && !shown.contains("whsec"), "{shown}");
        }
        let events = site.ground().database().unwrap().read(|c| tanyin::store::event_list(c, 0, 1000)).unwrap();
        assert!(events.iter().any(|event| event.act == "webhook.create" && event.actor == "Li" && !event.detail.contains("whsec")));
        let test = of("POST", "/test", None).json();
        assert_eq!((&test["kind"], &test["outcome"], &test["status"]), (&json!("test"), &json!("delivered"), &json!(204)));
        assert_eq!(verified(&receiver.notices()[0], &secret), "valid");
        assert_eq!(receiver.notices()[0].json()["type"], "test");

        tanyin::release::withdraw(site.ground(), &"made".parse().unwrap(), &"1.0.0".parse().unwrap(), "wrong", "li").unwrap();
        let notices = receiver.wait_for(2);
        assert_eq!((notices[1].json()["type"].clone(), notices[1].json()["data"]["seq"].clone()), (json!("withdraw"), json!(1)));
        let mut deliveries = json!([]);
        for _ in 0..100 {
            deliveries = of("GET", "/deliveries", None).json()["deliveries"].clone();
            if deliveries.as_array().unwrap().len() == 2 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert_eq!((&deliveries[0]["kind"], &deliveries[0]["seq"], &deliveries[0]["attempt"]), (&json!("event"), &json!(1), &json!(1)));
        let page = of("GET", "/deliveries?limit=1", None).json();
        assert_eq!((&page["deliveries"][0], &page["next"]), (&deliveries[0], &deliveries[0]["delivery"]));
        let rest = of("GET", &format!("/deliveries?before={}", page["next"]), None).json();
        assert_eq!((rest["deliveries"].as_array().unwrap().len(), &rest["next"]), (1, &json!(null)));

        receiver.will_answer(&["500"]);
        let again = format!("/deliveries/{}/redeliver", deliveries[0]["delivery"]);
        assert_eq!(of("POST", &again, None).json()["outcome"], "failed");
        assert_eq!(of("POST", &again, None).json()["outcome"], "delivered");
        let last = receiver.notices().pop().unwrap();
        assert_eq!((&last.headers["webhook-id"], &last.body), (&notices[1].headers["webhook-id"], &notices[1].body));

        let off = of("PATCH", "", Some(r#"{"active":false,"types":[]}"#)).json();
        assert_eq!((&off["active"], &off["types"], &off["secret"]), (&json!(false), &json!([]), &json!(null)));
        assert!(of("PATCH", "", Some(r#"{"rotate_secret":true}"#)).json()["secret"].as_str().unwrap().starts_with("whsec_"));
        assert_eq!(of("DELETE", "", None).status, 204);
        for (method, path) in [("GET", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries"), ("POST", "/deliveries/1/redeliver")]
        {
            assert_eq!(of(method, path, None).problem(), "no-webhook", "{method} {path}");
        }
    }
);

on_both!(
    fn what_is_no_webhook(site: &Site) {
        released(site, 1);
        site.wait_for_facts(1);
        let token = bearer(site, "Li", Role::Admin);
        for (body, code) in [
            (json!({"url": "https://10.0.0.1/"}), "invalid-body"),
            (json!({"url": "https://169.254.169.254/latest/"}), "invalid-body"),
            (json!({"url": "https://[::1]/"}), "invalid-body"),
            (json!({"url": "https://localhost/"}), "invalid-body"),
            (json!({"url": "ftp://a.example/"}), "invalid-body"),
            (json!({"url": "https://li:pw@a.example/"}), "invalid-body"),
            (json!({"url": "nowhere"}), "invalid-body"),
            (json!({"url": "https://a.example/", "types": ["relase"]}), "invalid-body"),
            (json!({"url": "https://a.example/", "datasets": ["mode"]}), "no-dataset"),
            (json!({"url": "https://a.example/", "after": 5}), "invalid-body"),
            (json!({"url": "https://a.example/", "after": -2}), "invalid-body"),
            (json!({"url": "https://a.example/", "secret": "mine"}), "bad-request"),
            (json!({"datasets": []}), "bad-request"),
            (json!([]), "bad-request"),
        ] {
            let answer = ask(site, &token, "POST", "/v1/webhooks", Some(&body.to_string()));
            assert_eq!(answer.problem(), code, "{body}: {}", answer.text());
        }
        let answer = ask(site, &token, "POST", "/v1/webhooks", Some(r#"{"url":"https://a.example/","types":["relase"]}"#)).json();
        assert_eq!(answer["nearest"], "release");
        let hook = made(site, &token, &json!({"url": "https://a.example/"}));
        let home = format!("/v1/webhooks/{}", hook["id"].as_str().unwrap());
        for (method, path, body, code) in [
            ("PATCH", "", Some("{}"), "invalid-body"),
            ("PATCH", "", Some(r#"{"url":"https://127.0.0.2/"}"#), "invalid-body"),
            ("GET", "/deliveries?limit=0", None, "invalid-parameter"),
            ("GET", "/deliveries?before=x", None, "invalid-parameter"),
            ("GET", "/deliveries?after=1", None, "unknown-parameter"),
            ("POST", "/deliveries/99/redeliver", None, "no-delivery"),
            ("POST", "/deliveries/x/redeliver", None, "no-delivery"),
        ] {
            let answer = ask(site, &token, method, &format!("{home}{path}"), body);
            assert_eq!(answer.problem(), code, "{method} {path}: {}", answer.text());
        }
        for id in ["none", "%00", "%FF", "wh_0"] {
            assert_eq!(ask(site, &token, "GET", &format!("/v1/webhooks/{id}"), None).status, 404, "{id}");
        }
    }
);
