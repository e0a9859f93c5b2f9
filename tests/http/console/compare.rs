//! Factors side by side, and the grid factors by province.

use crate::http::ok;
use crate::on_bundled;

const ZHEJIANG: &str = "cn-electricity-co2@1.2.0%23grid-average/cn-zj/2022";
const NATION: &str = "cn-electricity-co2@1.2.0%23grid-average/cn/2022";
const COAL: &str = "ipcc-stationary-combustion@1.0.0%23combustion/anthracite/energy-industries";

on_bundled!(
    fn what_counts_the_same_is_compared(site: &Site) {
        let page = ok(site, &format!("/compare?factor={NATION}&factor={ZHEJIANG}&lang=zh")).text();
        for said in
            ["口径一致", "0.5153\u{202f}kg\u{202f}CO₂/kWh", "0.5366\u{202f}kg", "−4.0\u{202f}%", "基准", "id=\"chart-values\"", "移除"]
        {
            assert!(page.contains(said), "{said}: {page}");
        }
        let csv = ok(site, &format!("/compare?factor={NATION}&factor={ZHEJIANG}&chart=values&as=csv&lang=en")).text();
        assert!(csv.contains("0.5153,") && csv.contains("0.5366,"), "{csv}");
    }
);

on_bundled!(
    fn what_does_not_is_shown_without_a_difference(site: &Site) {
        let page = ok(site, &format!("/compare?factor={ZHEJIANG}&factor={COAL}&lang=en")).text();
        for said in ["They do not count the same", "CO₂ alone and all greenhouse gases", "differs", "98725.5", "Mass of each gas", "98300"]
        {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("id=\"chart-values\"") && !page.contains("Against the first"), "{page}");
        let lifecycle = "cn-electricity-footprint@1.1.0%23generation/biomass/cn/2023";
        let gwp = "ipcc-gwp@1.0.0%23ipcc-ar6-wg1-7.15-gwp100/sf6";
        let page = ok(site, &format!("/compare?factor={lifecycle}&factor={gwp}&lang=en")).text();
        assert!(page.contains("Their units measure different things"), "{page}");
    }
);

on_bundled!(
    fn factors_are_added_by_words(site: &Site) {
        let empty = ok(site, "/compare?lang=zh").text();
        assert!(empty.contains("还没有选因子") && empty.contains("name=\"q\""));
        let page = ok(site, &format!("/compare?factor={ZHEJIANG}&q=%E6%B1%9F%E8%8B%8F+2022&lang=zh")).text();
        assert!(page.contains("grid-average/cn-js/2022") && page.contains("aria-label=\"加入："), "{page}");
        assert!(page.contains("name=\"factor\" value=\"cn-electricity-co2@1.2.0#grid-average/cn-zj/2022\""), "{page}");
        let page = ok(site, &format!("/compare?factor={ZHEJIANG}&factor=cn-electricity-co2@1.2.0%23none&factor=x&lang=en")).text();
        assert_eq!(page.matches("role=\"alert\"").count(), 2, "{page}");
        let many: String = (0..11).map(|number| format!("factor=a@1.0.0%23{number}&")).collect();
        assert_eq!(site.get(&format!("/compare?{many}")).status, 422);
        assert_eq!(site.get("/compare?nonsense=1").status, 400);
    }
);

on_bundled!(
    fn grid_factors_by_province(site: &Site) {
        let page = ok(site, "/charts/grid?year=2022&lang=zh").text();
        for said in [
            "2022 年各省电网因子",
            "浙江",
            ">0.5153<",
            "西藏",
            "个省级行政区高于全国平均（0.5366）",
            "<option selected>2022</option>",
            "chart-ranked",
        ] {
            assert!(page.contains(said), "{said}");
        }
        assert!(ok(site, "/charts/grid?lang=en").text().contains("Grid factors by province, 2023"), "the newest year is taken");
        let csv = ok(site, "/charts/grid?year=2022&chart=provinces&as=csv&lang=en").text();
        assert!(csv.contains("Zhejiang,CN-ZJ,0.5153"), "{csv}");
        for (query, status) in [("year=abc", 422), ("grid=none", 422), ("chart=none", 422), ("year=1900", 200)] {
            assert_eq!(site.get(&format!("/charts/grid?{query}")).status, status, "{query}");
        }
    }
);
